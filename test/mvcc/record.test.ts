// Damage is found where a record contradicts itself or its neighbours.

import t from 'tap';
import { encodeKeyValue, encodeTombstone, type KeyValue } from '../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { StoredRecord } from '../../src/mvcc/record.js';
import { recordsInSequence } from '../../src/mvcc/record-sequence.js';
import { decodeRevisionKey, encodeRevisionKey, formatRevision } from '../../src/mvcc/revision.js';
import { readState, writeFinishedCompactRev, writeScheduledCompactRev } from '../../src/mvcc/store-state.js';

const KV: KeyValue = {
  key: 'a',
  createRevision: 5,
  modRevision: 7,
  version: 3,
  value: Buffer.from('v'),
  lease: 0n,
};

t.test('a record that contradicts itself', async (t) => {
  const read = (change: Partial<KeyValue>) =>
    new StoredRecord(encodeRevisionKey({ main: 7, sub: 1 }), encodeKeyValue({ ...KV, ...change })).keyValue();
  t.same(read({}), KV);
  t.same(read({ createRevision: 7, version: 1 }).version, 1);
  // One transaction of the store may put a key twice.
  t.same(read({ createRevision: 7, version: 2 }).version, 2);
  const table: [change: Partial<KeyValue>, message: string][] = [
    [{ key: '' }, 'revision 7_1: its record has no key'],
    [{ modRevision: 6 }, 'revision 7_1: its record says modRevision 6'],
    [{ createRevision: 8 }, 'revision 7_1: its record says version 3 since createRevision 8'],
    [{ createRevision: 0 }, 'revision 7_1: its record says version 3 since createRevision 0'],
    [{ version: 0 }, 'revision 7_1: its record says version 0 since createRevision 5'],
    [{ version: 1 }, 'revision 7_1: its record says version 1 since createRevision 5'],
  ];
  for (const [change, message] of table) t.throws(() => read(change), { code: 'CORRUPT', message }, message);
});

t.test('what reads the key alone, or a number, checks the whole record', async (t) => {
  const bytes = encodeKeyValue({ ...KV, lease: 1n });
  bytes[bytes.length - 2]! ^= 8;
  const read = () => new StoredRecord(encodeRevisionKey({ main: 7, sub: 1 }), bytes);
  const error = { code: 'CORRUPT', message: /^revision 7_1: key-value record: field 7, which etcd does not write/ };
  t.throws(() => read().key, error);
  t.throws(() => read().createRevision, error);
  t.throws(() => read().version, error);
  t.throws(() => read().keyValue(), error);
});

t.test('a tombstone, and the empty record of a bumped revision', async (t) => {
  const tombstone = new StoredRecord(encodeRevisionKey({ main: 7, sub: 0 }, true), encodeTombstone('a'));
  t.match(tombstone.keyValue(), { key: 'a', modRevision: 0, version: 0 });
  const table: [change: Partial<KeyValue>, hex: string][] = [
    [{ createRevision: 5 }, '1005'],
    [{ modRevision: 7 }, '1807'],
    [{ version: 1 }, '2001'],
    [{ value: Buffer.from('v') }, '2a0176'],
    [{ lease: -1n }, '30ffffffffffffffffff01'],
  ];
  for (const [change, hex] of table) {
    const none = { createRevision: 0, modRevision: 0, version: 0, value: Buffer.alloc(0), lease: 0n };
    const bytes = encodeKeyValue({ ...KV, ...none, ...change });
    t.equal(bytes.toString('hex'), `0a0161${hex}`);
    const record = new StoredRecord(encodeRevisionKey({ main: 7, sub: 0 }, true), bytes);
    const message = 'revision 7_0: its record is of a deletion, and holds more than the key';
    t.throws(() => record.key, { code: 'CORRUPT', message }, hex);
  }
  const nameless = new StoredRecord(encodeRevisionKey({ main: 7, sub: 0 }, true), encodeTombstone(''));
  t.equal(nameless.key, '', 'a deletion of a bumped revision');
  const bumped = new StoredRecord(encodeRevisionKey({ main: 7, sub: 0 }), Buffer.alloc(0));
  t.match(bumped.keyValue(), { key: '', modRevision: 0, version: 0 });
});

t.test('revisions follow one another above the compact revision', async (t) => {
  /** Returns the records that are read; revisions are written as `main_sub`, and an empty record as `main_sub!`. */
  function read(revisions: string, fromMain: number, compactRev: number, toMain?: number): string {
    const { key } = new MemoryBackend().tables;
    for (const revision of revisions.split(' ')) {
      const [main, sub] = revision.replace('!', '').split('_').map(Number);
      const kv = { ...KV, createRevision: main!, modRevision: main!, version: 1 };
      key.put(
        encodeRevisionKey({ main: main!, sub: sub! }),
        revision.endsWith('!') ? Buffer.alloc(0) : encodeKeyValue(kv),
      );
    }
    const last = decodeRevisionKey(key.last()!.key).main;
    return [...recordsInSequence(key, fromMain, toMain ?? last, compactRev)].map(formatRevision).join(' ');
  }

  for (const [revisions, from, compactRev] of [
    ['2_0 3_0 3_1 3_2 4_0', 0, -1],
    ['4_0 5_0', 4, -1],
    ['3_2 6_1 9_0 9_3 10_0 11_0', 0, 9],
    ['10_0 10_1 11_0', 5, 9],
    ['2_0 90_0! 91_0', 0, -1],
    ['90_0! 91_0', 90, -1],
    ['3_0 90_0! 91_0', 0, 89],
  ] as const) {
    t.equal(read(revisions, from, compactRev), revisions.replace('!', ''), revisions);
  }
  for (const [revisions, from, compactRev, message] of [
    ['1_0 2_0', 0, -1, 'revision 1_0: no change has a revision below 2_0'],
    ['3_0', 0, -1, 'revision 2_0 is missing: 3_0 is next'],
    ['2_1', 0, -1, 'revision 2_0 is missing: 2_1 is next'],
    ['2_0 2_2 3_0', 0, -1, 'revision 2_1 is missing: 2_2 is next'],
    ['2_0 4_0', 0, -1, 'revision 3_0 is missing: 4_0 is next'],
    ['2_0 3_1', 0, -1, 'revision 3_0 is missing: 3_1 is next'],
    ['2_0 6_0', 4, -1, 'revision 4_0 is missing: 6_0 is next'],
    ['3_2 9_0 11_0', 0, 9, 'revision 10_0 is missing: 11_0 is next'],
    ['2_0 90_0! 92_0', 0, -1, 'revision 91_0 is missing: 92_0 is next'],
    ['2_0 3_0!', 0, -1, 'revision 3_0: its record is empty'],
    ['2_0!', 0, -1, 'revision 2_0: its record is empty'],
    ['2_0 2_1! 3_0', 0, -1, 'revision 2_1: its record is empty'],
    ['2_0 2_2! 3_0', 0, -1, 'revision 2_1 is missing: 2_2 is next'],
  ] as const) {
    t.throws(() => read(revisions, from, compactRev), { code: 'CORRUPT', message }, `${revisions} from ${from}`);
  }

  t.equal(read('2_0 3_0 4_0', 0, -1, 3), '2_0 3_0', 'the revisions that are read end with the one that was asked for');
  t.equal(read('2_0 90_0! 91_0', 0, -1, 50), '2_0', 'skipped revisions at the end');
  t.equal(read('2_0 90_0! 91_0', 40, -1, 50), '', 'skipped revisions alone');
  t.equal(read('3_0 7_0', 0, 9, 9), '3_0 7_0', 'compaction may have taken the end');
  t.equal(read('3_0', 0, 9, 9), '3_0');
  for (const [revisions, from, compactRev, to, message] of [
    ['2_0 3_0', 0, -1, 5, 'revision 4_0 is missing: no record follows up to 5'],
    ['2_0 3_0', 4, -1, 5, 'revision 4_0 is missing: no record follows up to 5'],
    ['2_0 3_0 7_0', 0, -1, 5, 'revision 4_0 is missing: 7_0 is next'],
    ['2_0 3_0', 0, 9, 10, 'revision 10_0 is missing: no record follows up to 10'],
    ['2_0 3_0 10_0', 0, 8, 9, 'revision 9_0 is missing: 10_0 is next'],
  ] as const) {
    t.throws(() => read(revisions, from, compactRev, to), { code: 'CORRUPT', message }, `${revisions} to ${to}`);
  }
});

t.test('a compaction that is finished was scheduled before', async (t) => {
  const backend = new MemoryBackend();
  writeFinishedCompactRev(backend.tables.meta, 9);
  t.match(readState(backend), { compactRev: 9, currentRev: 9 }, 'a file may have only the one mark');
  writeScheduledCompactRev(backend.tables.meta, 8);
  t.throws(() => readState(backend), { code: 'CORRUPT', message: /finishedCompactRev says 9, .* only 8/ });
});
