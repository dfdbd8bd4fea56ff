// The schemas of single values of scenario files: times, sizes, counts and names.

import { SIZE_PATTERN } from '../run/byte-size.js';
import { DURATION_PATTERN } from '../run/duration.js';

export const TIME = {
  description: 'a number with its unit: 250us, 10ms, 1.5s or 2m',
  type: 'string',
  pattern: DURATION_PATTERN,
} as const;

export const SIZE = {
  description: 'a number with its unit: 4096B, 512KiB, 64MiB or 1.5GB',
  type: 'string',
  pattern: SIZE_PATTERN,
} as const;

export const ABOVE_0 = `${TIME.description}; 1us is the shortest`;

/** A time above 0: a loop that does not wait would not let anything else happen. */
export const PERIOD = {
  ...TIME,
  description: ABOVE_0,
  allOf: [{ description: ABOVE_0, type: 'string', pattern: '^(?!0+(\\.0+)?[a-z])' }],
} as const;

/** The largest whole number that a number holds exactly. */
export const maximum = Number.MAX_SAFE_INTEGER;
export const REVISION = { type: 'integer', minimum: 0, maximum } as const;
export const COUNT = { type: 'integer', minimum: 1, maximum } as const;
/** One in 31 years. Times end at 285 years, as a number does not hold longer ones. */
export const MIN_PER_SECOND = 1e-9;
export const RATE = {
  description: `a number from ${MIN_PER_SECOND} on`,
  type: 'number',
  minimum: MIN_PER_SECOND,
} as const;
export const NAME = { type: 'string', minLength: 1 } as const;
export const PATH = {
  description: 'a path: not empty, and without a zero byte',
  type: 'string',
  pattern: '^[^\\u0000]+$',
} as const;
export const WATCHER_NAME = {
  description:
    'the name of a watcher: 1 to 512 characters that can be seen, and not *, which speaks for a whole stream',
  type: 'string',
  maxLength: 512,
  pattern: '^(?!\\*$)[^\\u0000-\\u001f\\u007f]+$',
} as const;

/** A field that has no place beside another one; the description says so. */
export const none = (description: string) => ({ description, not: {} }) as const;
export const isTrue = <Name extends string>(name: Name) =>
  ({ required: [name], properties: { [name]: { const: true } } }) as const;
