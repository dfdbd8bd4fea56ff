// The records of a key follow from one another; what does not is refused, wherever a reading begins.

import assert from 'node:assert/strict';
import t from 'tap';
import { CheckedRecords, HistoryCheck } from '../../src/mvcc/history-check.js';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { rebuildIndex } from '../../src/mvcc/rebuild-index.js';
import { StoredRecord } from '../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { CheckedStoreReader, Store } from '../../src/mvcc/store.js';
import { fewKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import type { Change } from '../support/store-model.js';
import { runSteps, type StoreStep, Subject, storeStep } from '../support/store-steps.js';

/** Reads `main key version.createRevision`, or `main key x` for a deletion, or `main !` for an empty record. */
function recordOf(text: string): StoredRecord {
  const [revision, key = '', life = ''] = text.split(' ');
  const [main, sub = 0] = revision!.split('_').map(Number);
  const at = (tombstone: boolean) => encodeRevisionKey({ main: main!, sub }, tombstone);
  if (key === '!') return new StoredRecord(at(false), Buffer.alloc(0));
  if (life === 'x') return new StoredRecord(at(true), encodeTombstone(key));
  const [version, createRevision] = life.split('.').map(Number);
  const value = Buffer.from('v');
  return new StoredRecord(
    at(false),
    encodeKeyValue({ key, createRevision: createRevision!, modRevision: main!, version: version!, value, lease: 0n }),
  );
}

function recordsOf(text: string): StoredRecord[] {
  return text.split(', ').map(recordOf);
}

/** Reads the records in both of the ways in which they are checked. */
function check(text: string, compactRev: number): string[] {
  const records = recordsOf(text);
  rebuildIndex(records, new MemoryBackend().tables.index, new HistoryCheck(compactRev));
  return [...new CheckedRecords(() => records, compactRev).records(0, 1000)].map(({ key }) => key);
}

t.test('records that follow from one another', async (t) => {
  const table: [records: string, compactRev: number, why: string][] = [
    ['2 a 1.2, 3 a 2.2, 4 b 1.4, 5 a 3.2', -1, 'versions count on'],
    ['2 a 1.2, 3 a x, 4 a 1.4, 5 a 2.4, 6 a x', -1, 'generations'],
    ['2 a 1.2, 2_1 a 2.2, 2_2 a x, 2_3 a 1.2', -1, 'one transaction of the store'],
    ['9 a 7.2, 11 b 1.11, 12 a 8.2', 9, 'compaction has taken the first records'],
    ['5 a x, 6 a 1.6', 5, 'a tombstone at the compact revision is kept'],
    ['7 a 5.2, 8 b x, 10 a 6.2, 11 b 1.11', 11, 'a compaction that was cut short'],
    ['5 a 4.2, 6 b x', 6, 'a put in each revision'],
    ['2 a 1.2, 90 !, 91 a 2.2', -1, 'a bumped revision'],
    ['5 a x, 6 a 2.5, 7 a 3.5, 8 a x, 9 a 1.9', 5, 'a put at the compact revision is lost, and the process counts on'],
    ['5 a x, 6 a 2.5, 7 a 2.6, 8 a 3.6', 5, 'it has restarted'],
    ['5 a x, 6 a x, 7 a 1.7', 5, 'the lost put was deleted'],
  ];
  for (const [records, compactRev, why] of table) {
    t.equal(check(records, compactRev).length, records.split(', ').length, why);
  }
});

t.test('records that do not', async (t) => {
  const table: [records: string, compactRev: number, message: string][] = [
    [
      '2 a 1.2, 3 a 3.2',
      -1,
      'revision 3_0, key "a": its record says version 3 since createRevision 2, but at 2 it was version 1 since 2',
    ],
    [
      '2 a 1.2, 3 a 1.3',
      -1,
      'revision 3_0, key "a": its record says version 1 since createRevision 3, but at 2 it was version 1 since 2',
    ],
    [
      '2 a 1.2, 3 a 2.3',
      -1,
      'revision 3_0, key "a": its record says version 2 since createRevision 3, but at 2 it was version 1 since 2',
    ],
    [
      '4 a 2.3, 5 b 2.3',
      4,
      'revision 5_0, key "b": its record says version 2 since createRevision 3, but the key was not there',
    ],
    [
      '2 a 1.2, 3 a x, 4 a 2.2',
      -1,
      'revision 4_0, key "a": its record says version 2 since createRevision 2, but the key was not there',
    ],
    [
      '5 a x, 6 a 2.4',
      5,
      'revision 6_0, key "a": its record says version 2 since createRevision 4, but the key was not there',
    ],
    [
      '5 a 5.2',
      6,
      'revision 5_0, key "a": its record says version 5 since createRevision 2, but a key is put once a revision',
    ],
    ['2 a x', -1, 'revision 2_0, key "a": it deletes a key that is not there'],
    ['2 a 1.2, 3 a x, 4 a x', -1, 'revision 4_0, key "a": it deletes a key that is not there'],
    ['5 a x, 6 a x, 7 a x', 5, 'revision 7_0, key "a": it deletes a key that is not there'],
    [
      '5 a x, 6 a 2.5, 7 a x, 8 a 2.5',
      5,
      'revision 8_0, key "a": its record says version 2 since createRevision 5, but the key was not there',
    ],
    [
      '8 a 7.2, 9 a 7.2',
      9,
      'revision 9_0, key "a": its record says version 7 since createRevision 2, but at 8 it was version 7 since 2',
    ],
  ];
  for (const [records, compactRev, message] of table) {
    t.throws(() => check(records, compactRev), { code: 'CORRUPT', message }, records);
    const list = recordsOf(records);
    const index = new MemoryBackend().tables.index;
    t.throws(() => rebuildIndex(list, index, new HistoryCheck(compactRev)), { code: 'CORRUPT', message }, records);
  }
});

t.test('a record is checked once, and before any that is read behind it', async (t) => {
  const all = recordsOf('2 a 1.2, 3 a 2.2, 3_1 b 1.3, 4 a 3.2, 5 a 9.2, 6 b 2.3');
  const reads: string[] = [];
  const checked = new CheckedRecords((fromMain, toMain) => {
    reads.push(`${fromMain}-${toMain}`);
    return all.filter(({ main }) => main >= fromMain && main <= toMain);
  }, -1);
  const read = (fromMain: number, toMain: number) => {
    reads.length = 0;
    return [...checked.records(fromMain, toMain)].map(({ main, sub }) => `${main}_${sub}`).join(' ');
  };
  for (const record of checked.records(0, 4)) if (record.main === 3) break;
  t.equal(read(4, 4), '4_0');
  t.same(reads, ['3-3', '4-4'], 'a reading was left in the middle of a revision');
  t.equal(read(2, 3), '2_0 3_0 3_1');
  t.same(reads, ['2-3']);
  t.equal(read(3, 2), '');
  t.throws(() => read(6, 6), { code: 'CORRUPT', message: /^revision 5_0, key "a": .* version 9 / });
  t.throws(() => read(6, 6), { code: 'CORRUPT' }, 'again');
  t.equal(read(4, 4), '4_0', 'what lies before can be read');
});

/** Leaves out what only the store allows and etcd's API does not: a second put of a key in one transaction. */
function asOfApi(step: StoreStep): StoreStep {
  if (!('changes' in step)) return step;
  const isFirst = (change: Change, i: number) =>
    change.kind !== 'put' || !step.changes.slice(0, i).some(({ kind, key }) => kind === 'put' && key === change.key);
  return { ...step, changes: step.changes.filter(isFirst) };
}

t.test('property: whatever a store has written passes', async (t) => {
  fc.assert(
    fc.property(fc.array(storeStep(fewKeys).map(asOfApi), { maxLength: 40, size: 'max' }), (steps) => {
      const backend = new MemoryBackend();
      runSteps(steps, [], [new Subject(() => backend, 2)]);
      const store = new CheckedStoreReader(backend);
      assert.equal([...store.records(0, store.currentRev)].length, store.countRecords());
    }),
    { numRuns: 20 },
  );
  t.pass();
});

t.test('property: a lost put is no damage, before and after a restart', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('put', 'delete', 'restart', 'other'), { maxLength: 8 }), (steps) => {
      const backend = new MemoryBackend();
      const store = new Store(backend);
      const put = (key: string) => store.write((txn) => txn.put(key, Buffer.from('v')));
      put('a');
      store.write((txn) => {
        txn.deleteRange('a');
        txn.put('a', Buffer.from('w'));
      });
      store.compact(store.currentRev);
      for (const step of steps) {
        if (step === 'delete') store.write((txn) => txn.deleteRange('a'));
        else if (step === 'restart') store.restore();
        else put(step === 'put' ? 'a' : 'b');
      }
      const reader = new CheckedStoreReader(backend);
      assert.equal([...reader.records(0, reader.currentRev)].length, reader.countRecords());
    }),
  );
  t.pass();
});
