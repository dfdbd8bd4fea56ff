import t from 'tap';
import { type ComparedRecords, firstDifference } from '../../../src/inspect/wal/first-difference.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { formatRevision } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import type { WriteTxn } from '../../../src/mvcc/write-txn.js';

type Step = (txn: WriteTxn) => void;

const put =
  (key: string, value = ''): Step =>
  (txn) =>
    txn.put(key, Buffer.from(value));
const remove =
  (key: string): Step =>
  (txn) =>
    txn.deleteRange(key);

/** Makes one revision of each step. */
function storeOf(steps: readonly Step[]): { backend: MemoryBackend; store: Store } {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  for (const step of steps) store.write(step);
  return { backend, store };
}

const STEPS = [put('a'), put('b'), remove('a'), put('a', '2'), put('c'), remove('b'), put('b', '3')];

/** Says where the two differ, and which of the two has a record there. */
function differ(ofLog: readonly Step[], ofDatabase: readonly Step[], compactRev?: number): string | undefined {
  const [log, database] = [storeOf(ofLog), storeOf(ofDatabase)];
  if (compactRev !== undefined) database.store.compact(compactRev);
  const compared: ComparedRecords = {
    log: log.backend.tables.key,
    database: database.backend.tables.key,
    logRev: log.store.currentRev,
    databaseRev: database.store.currentRev,
    compactRev: database.store.compactRev,
  };
  const found = firstDifference(compared);
  if (found === undefined) return undefined;
  const { revision, inLog, inDatabase } = found;
  return `${formatRevision(revision)} ${inLog?.key ?? '-'} ${inDatabase?.key ?? '-'}`;
}

t.test('the same', async (t) => {
  t.equal(differ([], []), undefined);
  for (let compactRev = 2; compactRev <= 8; compactRev++) t.equal(differ(STEPS, STEPS, compactRev), undefined);
});

t.test('another record', async (t) => {
  const other = STEPS.with(3, put('a', '!'));
  t.equal(differ(STEPS, other), '5_0 a a');
  t.equal(differ(STEPS, other, 3), '5_0 a a', 'above the compaction');
  t.equal(differ(STEPS, other, 6), '5_0 a a', 'among what the compaction has left');
  t.equal(differ(STEPS, STEPS.with(1, put('b', '!')), 7), undefined, 'nothing is left of it');
  t.equal(differ(STEPS, STEPS.with(3, put('x'))), '5_0 a x');
});

t.test('a change that only one of them has', async (t) => {
  const more = [...STEPS.slice(0, 3), put('x'), ...STEPS.slice(3)];
  t.equal(differ(more, STEPS), '5_0 x a');
  t.equal(differ(STEPS, more, 4), '5_0 a x');
  const two: Step = (txn) => {
    txn.put('a', Buffer.from('2'));
    txn.put('x', Buffer.from(''));
  };
  t.equal(differ(STEPS.with(3, two), STEPS), '5_1 x -');
  t.equal(differ(STEPS, STEPS.with(3, two), 4), '5_1 - x');
});

t.test('one that goes further', async (t) => {
  t.equal(differ(STEPS, STEPS.slice(0, 5)), '7_0 b -');
  t.equal(differ(STEPS.slice(0, 5), STEPS, 3), '7_0 - b');
  t.equal(differ(STEPS.slice(0, 2), STEPS, 6), '4_0 - -', 'what was there is compacted');
});
