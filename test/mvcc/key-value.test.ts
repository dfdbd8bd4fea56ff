import assert from 'node:assert/strict';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import {
  decodeKeyOf,
  decodeKeyValue,
  encodeKeyValue,
  encodeTombstone,
  type KeyValue,
} from '../../src/mvcc/key-value.js';
import { decodeLease, encodeLease, type LeaseRecord } from '../../src/mvcc/lease-record.js';
import { StoredRecord } from '../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { anyBytes } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';

const MAX = Number.MAX_SAFE_INTEGER;
const NONE: KeyValue = {
  key: '',
  createRevision: 0,
  modRevision: 0,
  version: 0,
  value: Buffer.alloc(0),
  lease: 0n,
};
const hexBytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const letters = (count: number): string => '61'.repeat(count);

t.test('key-value records', async (t) => {
  const table: [name: string, kv: Partial<KeyValue>, hex: string][] = [
    ['all zero: nothing is written', {}, ''],
    [
      'a put',
      { key: 'a', createRevision: 2, modRevision: 3, version: 2, value: Buffer.from('bc') },
      '0a0161 1002 1803 2002 2a026263',
    ],
    ['bytes that are not UTF-8', { key: '\0\xff', value: Buffer.from([0, 0x80]) }, '0a0200ff 2a020080'],
    ['varints at their edges', { createRevision: 127, modRevision: 128, version: 16384 }, '107f 188001 20808001'],
    [
      '32 bits and more',
      { createRevision: 2 ** 31, modRevision: 2 ** 32, version: 2 ** 35 },
      '108080808008 188080808010 20808080808001',
    ],
    ['the highest number', { modRevision: MAX }, '18ffffffffffffff0f'],
    ['a key of 127 bytes', { key: 'a'.repeat(127) }, `0a7f ${letters(127)}`],
    ['a key of 128 bytes', { key: 'a'.repeat(128) }, `0a8001 ${letters(128)}`],
    ['a small lease', { lease: 1n }, '3001'],
    ['a lease above 2^53', { lease: 7587862094606467073n }, '308180ae8df78be0a669'],
    ['the highest lease', { lease: 2n ** 63n - 1n }, '30ffffffffffffffff7f'],
    ['a negative lease', { lease: -1n }, '30ffffffffffffffffff01'],
    ['the lowest lease', { lease: -(2n ** 63n) }, '3080808080808080808001'],
  ];
  for (const [name, fields, hex] of table) {
    const kv = { ...NONE, ...fields };
    t.equal(encodeKeyValue(kv).toString('hex'), hexBytes(hex).toString('hex'), name);
    t.same(decodeKeyValue(hexBytes(hex)), kv, `${name}, read`);
    t.equal(decodeKeyOf(hexBytes(hex)), kv.key, `${name}, key alone`);
  }
});

t.test('tombstones hold the key alone', async (t) => {
  t.equal(encodeTombstone('').toString('hex'), '');
  t.equal(encodeTombstone('ab\xff').toString('hex'), '0a036162ff');
  t.equal(encodeTombstone('a'.repeat(128)).toString('hex'), `0a8001${letters(128)}`);
  t.equal(encodeTombstone('a'.repeat(65536)).toString('hex'), `0a808004${letters(65536)}`);
});

t.test('leases', async (t) => {
  const table: [lease: Partial<LeaseRecord>, hex: string][] = [
    [{}, ''],
    [{ id: 1n, ttlSeconds: 60 }, '0801 103c'],
    [{ id: 7587862094606467073n, ttlSeconds: 300, remainingTtlSeconds: 5 }, '088180ae8df78be0a669 10ac02 1805'],
    [{ id: -2n, ttlSeconds: 9_000_000_000 }, '08feffffffffffffffff01 1080b4c4c321'],
  ];
  for (const [fields, hex] of table) {
    const lease = { id: 0n, ttlSeconds: 0, remainingTtlSeconds: 0, ...fields };
    t.equal(encodeLease(lease).toString('hex'), hexBytes(hex).toString('hex'), hex);
    t.same(decodeLease(hexBytes(hex)), lease);
  }
});

// There is a field of each wire type that KeyValue and Lease do not have, and the last of them has a tag of two bytes.
const UNKNOWN = ['3a03010203', '40ffffffffffffffffff01', '490102030405060708', '5501020304', 'fa0100'];

t.test('unknown fields are skipped, wherever they stand', async (t) => {
  const fields = ['0a0161', '1002', '1803', '2002', '2a026263', '3007'];
  const wanted = { key: 'a', createRevision: 2, modRevision: 3, version: 2, value: Buffer.from('bc'), lease: 7n };
  for (const unknown of UNKNOWN) {
    for (let at = 0; at <= fields.length; at++) {
      const hex = [...fields.slice(0, at), unknown, ...fields.slice(at)].join('');
      t.same(decodeKeyValue(hexBytes(hex)), wanted, hex);
      t.equal(decodeKeyOf(hexBytes(hex)), 'a');
    }
    t.same(decodeLease(hexBytes(`0801 ${unknown} 103c`)), { id: 1n, ttlSeconds: 60, remainingTtlSeconds: 0 });
  }
});

t.test('fields in any order; of two, the last counts', async (t) => {
  const kv = decodeKeyValue(hexBytes('3007 2a0162 2001 1002 1804 1803 0a0161'));
  t.same(kv, { key: 'a', createRevision: 2, modRevision: 3, version: 1, value: Buffer.from('b'), lease: 7n });
  t.equal(decodeKeyOf(hexBytes('3007 0a0161')), 'a');
});

t.test('bytes that are no record', async (t) => {
  const table: [hex: string, message: RegExp][] = [
    ['0a', /^key-value record: varint cut short at byte 2 of 1$/],
    ['0a02 61', /^key-value record: field of 2 bytes runs past the end at byte 2 of 3$/],
    ['0aff', /varint cut short/],
    ['0affffffffffffff0f 61', /field of 9007199254740991 bytes runs past/],
    ['0affffffffffffffffff01', /number beyond 2\^53/],
    ['10', /varint cut short/],
    ['1080', /varint cut short/],
    ['108080808080808010', /number beyond 2\^53/],
    ['10ffffffffffffffffff01', /number beyond 2\^53/], // -1: etcd never stores one
    ['1080808080808080808080808080808080808080', /varint cut short/],
    ['30ffffffffffffffffffff01', /varint longer than 10 bytes/],
    ['30ffffff', /varint cut short/],
    ['0801', /^key-value record: wire type 0 where 2 was expected/],
    ['1201 61', /wire type 2 where 0 was expected/],
    ['3101', /wire type 1 where 0 was expected/],
    ['2805', /wire type 0 where 2 was expected/],
    ['4907', /field runs past the end/],
    ['55010203', /field runs past the end/],
    ['3a05 01', /field of 5 bytes runs past the end/],
    ['0a0161 0000', /^key-value record: field number 0 at byte 4 of 5$/], // the zeros come from the page behind it
    ['0201 61', /field number 0/],
    ['3b', /unknown wire type 3/],
    ['3c', /unknown wire type 4/],
    ['3f', /unknown wire type 7/],
  ];
  for (const [hex, message] of table) {
    t.throws(() => decodeKeyValue(hexBytes(hex)), { name: 'MvccwError', code: 'CORRUPT', message }, hex);
  }
  t.throws(() => decodeKeyOf(hexBytes('0a03 6162')), { code: 'CORRUPT' });
  t.throws(() => decodeLease(hexBytes('0a01 61')), { code: 'CORRUPT', message: /^lease record: wire type 2 where 0/ });
  t.throws(() => decodeLease(hexBytes('0801 1080')), { code: 'CORRUPT' });
  t.throws(() => decodeLease(hexBytes('0801 103c 00')), { code: 'CORRUPT', message: /^lease record: field number 0/ });
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const anyKeyValue: fc.Arbitrary<KeyValue> = fc.record(
  {
    key: anyBytes(200).map((bytes) => bytes.toString('latin1')),
    createRevision: number,
    modRevision: number,
    version: number,
    value: anyBytes(200),
    lease: int64,
  },
  { noNullPrototype: true },
);

t.test('property: what is written is read', async (t) => {
  fc.assert(
    fc.property(anyKeyValue, number, (kv, ttlSeconds) => {
      const bytes = encodeKeyValue(kv);
      assert.deepEqual(decodeKeyValue(bytes), kv);
      assert.equal(decodeKeyOf(bytes), kv.key);
      assert.equal(decodeKeyOf(encodeTombstone(kv.key)), kv.key);
      assert.deepEqual(decodeKeyValue(encodeTombstone(kv.key)), { ...NONE, key: kv.key });
      const lease = { id: kv.lease, ttlSeconds, remainingTtlSeconds: kv.version };
      assert.deepEqual(decodeLease(encodeLease(lease)), lease);
    }),
  );
  t.pass();
});

/** Fails unless `decode` either succeeds or throws CORRUPT. */
function decodesOrRefuses(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    assert(error instanceof MvccwError && error.code === 'CORRUPT', `threw ${error}`);
    return false;
  }
}

t.test('property: a record that is cut short is read up to a whole field, or refused', async (t) => {
  fc.assert(
    fc.property(anyKeyValue, (kv) => {
      const bytes = encodeKeyValue(kv);
      let fields = 0;
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        if (decodesOrRefuses(() => decodeKeyValue(cut))) fields++;
        decodesOrRefuses(() => decodeKeyOf(cut));
        decodesOrRefuses(() => new StoredRecord(encodeRevisionKey({ main: 2, sub: 0 }), cut).key);
      }
      const written = Object.values(kv).filter((value) => (typeof value === 'object' ? value.length > 0 : value));
      assert.equal(fields, written.length, 'the places where a field ends, and none in between');
    }),
    { numRuns: 50 },
  );
  t.pass();
});

t.test('property: any bytes are read or refused', async (t) => {
  // Tags of known fields with any wire type, and lengths that nearly fit, get further into the decoder than noise does.
  const piece = fc.oneof(
    anyBytes(12),
    fc
      .tuple(fc.integer({ min: 0, max: 0x7f }), anyBytes(12))
      .map(([tag, rest]) => Buffer.from([tag, rest.length, ...rest])),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const bytes = Buffer.concat(pieces);
      decodesOrRefuses(() => decodeKeyValue(bytes));
      decodesOrRefuses(() => decodeKeyOf(bytes));
      decodesOrRefuses(() => decodeLease(bytes));
      decodesOrRefuses(() => new StoredRecord(bytes, bytes).keyValue());
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
