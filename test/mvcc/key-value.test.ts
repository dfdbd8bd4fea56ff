import assert from 'node:assert/strict';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { encodeKeyValue, encodeTombstone, type KeyValue, readKeyValueFields } from '../../src/mvcc/key-value.js';
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

function decodeKeyValue(bytes: Buffer): KeyValue {
  const fields = readKeyValueFields(bytes);
  const { createRevision, modRevision, version, lease } = fields;
  const key = bytes.toString('latin1', fields.keyStart, fields.keyEnd);
  return {
    key,
    createRevision,
    modRevision,
    version,
    value: bytes.subarray(fields.valueStart, fields.valueEnd),
    lease,
  };
}

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

t.test('a record is read in the one form in which it is written', async (t) => {
  const fields = ['0a0161', '1002', '1803', '2002', '2a026263', '3007'];
  const put = (...changed: string[]) => changed.join('');
  const table: [hex: string, message: RegExp][] = [
    ['3a03010203', /^key-value record: field 7, which etcd does not write at byte 1 of 5$/],
    ['40ffffffffffffffffff01', /field 8, which etcd does not write/],
    ['490102030405060708', /field 9, which etcd does not write/],
    ['fa0100', /field 31, which etcd does not write/],
    [put(fields[0]!, fields[0]!), /field 1 twice/],
    [put(...fields, '3007'), /field 6 twice/],
    [put(fields[1]!, fields[0]!), /field 1 behind field 2/],
    ['3007 2a0162 0a0161', /field 5 behind field 6/],
    ['1000', /field 2 is 0, which etcd leaves out/],
    ['3000', /field 6 is 0, which etcd leaves out/],
    ['0a00', /field 1 is empty, which etcd leaves out/],
    ['2a00', /field 5 is empty, which etcd leaves out/],
    ['108200', /varint longer than its number/],
    ['1082808000', /varint longer than its number/],
    ['0a8100 61', /varint longer than its number/],
    ['308700', /varint longer than its number/],
    ['30ffffffffffffffffff03', /varint beyond 64 bits/],
    ['3080808080808080808002', /varint beyond 64 bits/],
    ['30ffffffffffffffffff8101', /varint beyond 64 bits/],
  ];
  for (const [hex, message] of table) {
    t.throws(() => decodeKeyValue(hexBytes(hex)), { code: 'CORRUPT', message }, hex);
  }
  for (const hex of ['0801 3a0161 103c', '0801 0801', '103c 0801', '0800', '0801 10bc00', '0801 20 01']) {
    t.throws(() => decodeLease(hexBytes(hex)), { code: 'CORRUPT' }, `lease ${hex}`);
  }
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
    ['30ffffffffffffffffffff01', /varint beyond 64 bits/],
    ['30ffffff', /varint cut short/],
    ['0801', /^key-value record: wire type 0 where 2 was expected/],
    ['1201 61', /wire type 2 where 0 was expected/],
    ['3101', /wire type 1 where 0 was expected/],
    ['2805', /wire type 0 where 2 was expected/],
    ['2a05 01', /field of 5 bytes runs past the end/],
    ['0a0161 0000', /^key-value record: field number 0 at byte 4 of 5$/], // the zeros come from the page behind it
    ['0201 61', /field number 0/],
    ['33', /wire type 3 where 0 was expected/],
    ['0c', /wire type 4 where 2 was expected/],
    ['2f', /wire type 7 where 2 was expected/],
  ];
  for (const [hex, message] of table) {
    t.throws(() => decodeKeyValue(hexBytes(hex)), { name: 'MvccwError', code: 'CORRUPT', message }, hex);
  }
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

/** Fails unless the record is written as it was read. */
function sameBytes(bytes: Buffer): void {
  assert.equal(encodeKeyValue(decodeKeyValue(bytes)).toString('hex'), bytes.toString('hex'));
}

t.test('property: with one bit changed, a record is read as another one that is written so, or refused', async (t) => {
  fc.assert(
    fc.property(anyKeyValue, fc.nat(), (kv, place) => {
      const bytes = encodeKeyValue(kv);
      if (bytes.length === 0) return;
      bytes[place % bytes.length]! ^= 1 << (place % 8);
      if (decodesOrRefuses(() => decodeKeyValue(bytes))) sameBytes(bytes);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

t.test('property: a record that is cut short is read up to a whole field, or refused', async (t) => {
  fc.assert(
    fc.property(anyKeyValue, (kv) => {
      const bytes = encodeKeyValue(kv);
      let fields = 0;
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        if (decodesOrRefuses(() => decodeKeyValue(cut))) fields++;
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
      if (decodesOrRefuses(() => decodeKeyValue(bytes))) sameBytes(bytes);
      if (decodesOrRefuses(() => decodeLease(bytes))) assert.deepEqual(encodeLease(decodeLease(bytes)), bytes);
      decodesOrRefuses(() => new StoredRecord(bytes, bytes).keyValue());
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
