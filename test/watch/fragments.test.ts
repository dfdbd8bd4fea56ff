import t from 'tap';
import type { KeyValue } from '../../src/mvcc/key-value.js';
import { fragmentsOf } from '../../src/watch/fragments.js';
import type { DeliveredEvent } from '../../src/watch/prev-kv.js';
import { eventBytes, FRAGMENT_BYTES, headBytes } from '../../src/watch/response-size.js';

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
