import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { KeptRecords } from '../../src/watch/kept-records.js';

/** Returns a history that counts what is read of it. */
function history(changes: number) {
  const store = new Store(new MemoryBackend());
  const put = () => store.write((txn) => txn.put('a', Buffer.from('')));
  for (let i = 0; i < changes; i++) put();
  const reads: [fromMain: number, toMain: number][] = [];
  return {
    store,
    put,
    reads,
    view: new KeptRecords({
      get currentRev() {
        return store.currentRev;
      },
      get compactRev() {
        return store.compactRev;
      },
      records(fromMain, toMain) {
        reads.push([fromMain, toMain]);
        return store.records(fromMain, toMain);
      },
    }),
  };
}

const revisionsOf = (view: KeptRecords, fromMain: number) =>
  [...view.records(fromMain, view.currentRev)].map(({ main }) => main);

t.test('a pass reads only what the last one has not kept', async (t) => {
  const { view, put, reads } = history(4);
  view.startPass(4);
  t.same(revisionsOf(view, 4), [4, 5]);
  put();
  view.startPass(3);
  t.same(revisionsOf(view, 3), [3, 4, 5, 6]);
  t.same(revisionsOf(view, 5), [5, 6]);
  view.startPass(5);
  t.same(revisionsOf(view, 5), [5, 6]);
  t.same(reads, [
    [4, 5],
    [3, 3],
    [6, 6],
  ]);
});

t.test('what compaction has dropped is still there, unless a pass has let it go', async (t) => {
  const { store, view } = history(4);
  view.startPass(2);
  store.compact(4);
  view.startPass(2);
  t.same(revisionsOf(view, 2), [2, 3, 4, 5]);
  view.startPass(5);
  view.startPass(2);
  t.same(revisionsOf(view, 2), [4, 5]);
  view.startPass(Number.POSITIVE_INFINITY);
  t.same(revisionsOf(view, 2), [], 'nobody wants anything');
});
