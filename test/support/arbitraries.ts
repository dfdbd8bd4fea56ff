// The property tests draw their bytes and keys from here; the keys are chosen to cause trouble.

import fc from './fast-check.js';
import { withChecksum } from './slow-crc32c.js';

export function anyBytes(maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength, size: 'max' }).map((bytes) => Buffer.from(bytes));
}

/** The keys are few, so that they often recur; some are prefixes of others or have the lowest or the highest byte. */
export const fewKeys: fc.Arbitrary<string> = fc.constantFrom(
  'a',
  'a\0',
  'a\0\0',
  'a\0\xff',
  'aa',
  'b',
  'c',
  '\xff',
  '\xff\xff',
);

const HEAD = 'h'.repeat(1895);
/** The keys are close to each other, around the length at which a key counts as long; the last three exceed 63 KiB. */
const LONG_KEYS = [
  HEAD,
  `${HEAD}12345`,
  `${HEAD}12345\0`,
  `${HEAD}12345\0\0`,
  `${HEAD}123456`,
  `${HEAD}1234\0`,
  `${HEAD}1234\0\0`,
  `${HEAD}1234\xff`,
  `${HEAD}123\0`,
  `${HEAD}123\0\x01`,
  `${HEAD}123\0\xff`,
  `${HEAD}z`,
  '\0'.repeat(949),
  '\0'.repeat(950),
  '\0'.repeat(951),
  '\0'.repeat(1900),
  '\xff'.repeat(1900),
  '\xff'.repeat(1901),
  `${HEAD}12345${'\0'.repeat(63 * 1024)}`,
  `${HEAD}12345${'\0'.repeat(63 * 1024)}a`,
  `${HEAD}12345${'\0'.repeat(63 * 1024)}b`,
];
/** These long keys have the same head and the same checksum. */
export const COLLIDING_KEYS: readonly string[] = [0, 1, 2, 3].map((n) => withChecksum(`${HEAD}12345-${n}`, 0x0203));

export const longKeys: fc.Arbitrary<string> = fc.constantFrom(...LONG_KEYS);

export const awkwardKeys: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fewKeys },
  { weight: 3, arbitrary: longKeys },
  { weight: 2, arbitrary: fc.constantFrom(...COLLIDING_KEYS) },
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom('\0', '\x01', '\x02', 'a', '\xfe', '\xff'),
      minLength: 1,
      maxLength: 4,
    }),
  },
);

/** Draws a range end: undefined (a single key), '' (no end), or a key. */
export function rangeEnd(keys: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> {
  return fc.oneof(fc.constant(undefined), fc.constant(''), keys);
}
