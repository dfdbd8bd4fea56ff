import t from 'tap';
import { encodeKeyValue, type KeyValue } from '../../src/mvcc/key-value.js';
import { fragmentsOf } from '../../src/watch/fragments.js';
import type { DeliveredEvent } from '../../src/watch/prev-kv.js';
import { eventBytes, FRAGMENT_BYTES, headBytes, recordBytes } from '../../src/watch/response-size.js';

const kv = (value: string): KeyValue => ({
  key: 'k',
  createRevision: 2,
  modRevision: 2,
  version: 1,
  value: Buffer.from(value),
  lease: 0n,
});
const put = (value = 'v'): DeliveredEvent => ({ type: 'PUT', kv: kv(value) });

t.test('the size of an event', async (t) => {
  // The key takes 3 bytes, create 2, mod 2, version 2 and value 3; the KeyValue and the event each add a tag and a
  // length.
  t.equal(eventBytes(put()), 16);
  t.equal(eventBytes(put('v'.repeat(200))), 218, 'lengths above 127 take two bytes');
  t.equal(eventBytes({ ...put(), type: 'DELETE' }), 18);
  t.equal(eventBytes({ ...put(), prevKv: kv('v') }), 30);
});

t.test('the bytes of a record, without writing it', async (t) => {
  const lengths = [0, 1, 127, 128, 129, 16_383, 16_384];
  const numbers = [0, 1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 49 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER];
  const leases = [
    0n,
    1n,
    127n,
    128n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 56n - 1n,
    2n ** 56n,
    2n ** 63n - 1n,
    -1n,
    -(2n ** 63n),
  ];
  const base = kv('v');
  const records = [
    ...lengths.flatMap((length) => [
      { ...base, key: 'k'.repeat(length) },
      { ...base, value: Buffer.alloc(length) },
    ]),
    ...numbers.map((number) => ({ ...base, createRevision: number, modRevision: number, version: number })),
    ...leases.map((lease) => ({ ...base, lease })),
  ];
  for (const record of records) t.equal(recordBytes(record), encodeKeyValue(record).length);
});

t.test('where a response is cut', async (t) => {
  const events = Array.from({ length: 5 }, () => put());
  const head = headBytes(0, 6);
  const sizes = (maxBytes: number) =>
    fragmentsOf({ watchId: 0, revision: 6, events }, maxBytes).map(({ length }) => length);
  t.same(sizes(head + 5 * 16 + 1), [5], 'below the limit');
  t.same(sizes(head + 5 * 16), [4, 1], 'at the limit');
  t.same(sizes(head + FRAGMENT_BYTES + 2 * 16 + 1), [2, 2, 1]);
  t.same(sizes(head + FRAGMENT_BYTES + 2 * 16), [1, 1, 1, 1, 1]);
  t.same(sizes(0), [1, 1, 1, 1, 1], 'an event is not cut');
  t.same(fragmentsOf({ watchId: 0, revision: 6, events: [put()] }, 0), [[put()]]);
  t.same(fragmentsOf({ watchId: 0, revision: 6, events: [] }, 0), [[]]);
});
