import assert from 'node:assert/strict';
import t from 'tap';
import {
  decodeRevisionKey,
  encodeRevisionKey,
  formatRevision,
  readU64,
  revisionKeyBound,
  writeU64,
} from '../../src/mvcc/revision.js';
import fc from '../support/fast-check.js';

const MAX = Number.MAX_SAFE_INTEGER;

t.test('revision keys', async (t) => {
  const table: [main: number, sub: number, tombstone: boolean, hex: string][] = [
    [0, 0, false, '00000000000000005f0000000000000000'],
    [1, 0, false, '00000000000000015f0000000000000000'],
    [2, 0, true, '00000000000000025f000000000000000074'],
    [255, 256, false, '00000000000000ff5f0000000000000100'],
    [2 ** 32 - 1, 2 ** 32, false, '00000000ffffffff5f0000000100000000'],
    [2 ** 32, 2 ** 32 - 1, true, '00000001000000005f00000000ffffffff74'],
    [MAX, MAX, false, '001fffffffffffff5f001fffffffffffff'],
    [MAX, 0, true, '001fffffffffffff5f000000000000000074'],
  ];
  for (const [main, sub, tombstone, hex] of table) {
    t.equal(encodeRevisionKey({ main, sub }, tombstone).toString('hex'), hex, hex);
    t.same(decodeRevisionKey(Buffer.from(hex, 'hex')), { main, sub, tombstone });
  }
});

t.test('bytes that are no revision key', async (t) => {
  const table: [hex: string, message: RegExp][] = [
    ['', /^not a revision key: {2}\(0 bytes\)$/],
    ['00000000000000015f00000000000000', /\(16 bytes\)$/],
    ['00000000000000015f000000000000000075', /\(18 bytes\)$/], // not the mark of a tombstone
    ['00000000000000015f00000000000000007474', /\(19 bytes\)$/],
    ['0000000000000001600000000000000000', /^not a revision key: 00000000000000016/],
    ['00'.repeat(64), /^not a revision key: (00){32} \(64 bytes\)$/],
    ['00200000000000005f0000000000000000', /^revision beyond 2\^53 in key 0020/],
    ['00000000000000015f0020000000000000', /^revision beyond 2\^53/],
    ['ffffffffffffffff5fffffffffffffffff', /^revision beyond 2\^53/],
  ];
  for (const [hex, message] of table) {
    t.throws(() => decodeRevisionKey(Buffer.from(hex, 'hex')), { name: 'MvccwError', code: 'CORRUPT', message }, hex);
  }
});

t.test('bounds and notation', async (t) => {
  t.equal(revisionKeyBound(258).toString('hex'), '0000000000000102');
  t.equal(formatRevision({ main: 12, sub: 3 }), '12_3');
  const bytes = Buffer.alloc(12, 0xee);
  writeU64(bytes, 2 ** 40 + 5, 2);
  t.equal(bytes.toString('hex'), 'eeee0000010000000005eeee');
  t.equal(readU64(bytes, 2), 2 ** 40 + 5);
});

t.test('property: keys sort as revisions do, and behind the bound of their main part', async (t) => {
  const number = fc.oneof(fc.nat(3), fc.maxSafeNat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32, MAX - 1));
  const revision = fc.record({ main: number, sub: number });
  fc.assert(
    fc.property(revision, revision, fc.boolean(), (a, b, tombstone) => {
      const [keyA, keyB] = [encodeRevisionKey(a, tombstone), encodeRevisionKey(b, tombstone)];
      assert.equal(Math.sign(keyA.compare(keyB)), Math.sign(a.main - b.main || a.sub - b.sub));
      assert.deepEqual(decodeRevisionKey(keyA), { ...a, tombstone });
      assert.equal(keyA.compare(revisionKeyBound(b.main)) < 0, a.main < b.main);
    }),
  );
  t.pass();
});
