import t from 'tap';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { Store } from '../../../src/mvcc/store.js';
import { countWanted, type Wanting } from '../../../src/replay/findings/wanted-events.js';

const store = new Store(new MemoryBackend());
// These changes are the revisions 2 to 6.
for (const change of ['a', 'b', 'a', '-b', 'c']) {
  store.write((txn) => {
    if (change.startsWith('-')) txn.deleteRange(change.slice(1));
    else txn.put(change, Buffer.from(''));
  });
}

const all: Wanting = { key: 'a', end: '', filters: [], fromRev: 2, toRev: 6, givenRev: 0 };

t.test('what each watcher should have been given', async (t) => {
  const table: [watcher: Partial<Wanting>, events: number, filtered: number, nextRev: number | undefined][] = [
    [{}, 5, 0, 2],
    [{ key: 'a', end: undefined }, 2, 0, 2],
    [{ key: 'a', end: undefined, givenRev: 2 }, 2, 0, 4],
    [{ key: 'b', end: 'c' }, 2, 0, 3],
    [{ key: 'b', end: 'c', filters: ['nodelete'] }, 1, 1, 3],
    [{ filters: ['noput'] }, 1, 4, 5],
    [{ filters: ['noput', 'nodelete'] }, 0, 5, undefined],
    [{ fromRev: 4 }, 3, 0, 4],
    [{ toRev: 4 }, 3, 0, 2],
    [{ givenRev: 6 }, 5, 0, undefined],
    [{ key: 'x' }, 0, 0, undefined],
    [{ fromRev: Number.POSITIVE_INFINITY }, 0, 0, undefined],
  ];
  const watchers = table.map(([watcher]) => ({ ...all, ...watcher }));
  const counts = table.map(([, events, filtered, nextRev]) => [events, filtered, nextRev]);
  const found = (given: readonly Wanting[]) =>
    countWanted(store, given).map(({ events, filtered, next }) => [events, filtered, next?.revision]);
  t.same(found(watchers), counts, 'together');
  for (const [i, watcher] of watchers.entries()) t.same(found([watcher]), [counts[i]], JSON.stringify(table[i]![0]));
  t.same(found([]), []);
});
