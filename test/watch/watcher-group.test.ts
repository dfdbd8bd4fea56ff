import assert from 'node:assert/strict';
import t from 'tap';
import type { Watcher } from '../../src/watch/watcher.js';
import { WatcherGroup } from '../../src/watch/watcher-group.js';
import { fewKeys, rangeEnd } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { holds } from '../support/store-model.js';
import { WatchBench } from '../support/watch-bench.js';

function reached(group: WatcherGroup, key: string): Watcher[] {
  const found: Watcher[] = [];
  group.stab(key, (watcher) => found.push(watcher));
  return found;
}

t.test('single keys and ranges', async (t) => {
  const { engine } = new WatchBench();
  const stream = engine.openStream();
  const group = new WatcherGroup();
  const ranges: [key: string, end: string | undefined][] = [
    ['b', undefined],
    ['b', undefined],
    ['b', 'd'],
    ['b', 'd'],
    ['b', ''],
    ['a', 'b'],
    ['', ''],
  ];
  const watchers = ranges.map(([key, end]) => stream.watch({ key, end }));
  for (const watcher of watchers) group.add(watcher);
  const table: [key: string, ids: number[]][] = [
    ['', [6]],
    ['a', [5, 6]],
    ['b', [0, 1, 2, 3, 4, 6]],
    ['b\0', [2, 3, 4, 6]],
    ['c\xff', [2, 3, 4, 6]],
    ['d', [4, 6]],
    ['\xff\xff', [4, 6]],
  ];
  for (const [key, ids] of table) {
    t.same(
      reached(group, key)
        .map(({ id }) => id)
        .sort(),
      ids,
      JSON.stringify(key),
    );
  }
  t.equal(group.delete(watchers[2]!), true);
  t.equal(group.delete(watchers[2]!), false);
  t.same(reached(group, 'c').length, 3, 'another watcher of the same range stays');
  t.equal(group.size, 6);
  group.add(watchers[3]!);
  t.equal(group.size, 6, 'added twice is there once');
});

t.test('the list of members stays as it is while the group changes', async (t) => {
  const { engine } = new WatchBench();
  const stream = engine.openStream();
  const group = new WatcherGroup();
  // The ids of several streams share one order, and watchers with the same id are in order of their creation.
  const watchers = [9, 3, 5].map((watchId) => stream.watch({ key: 'k', watchId }));
  watchers.push(engine.openStream().watch({ key: 'k', watchId: 3 }));
  for (const watcher of [...watchers].reverse()) group.add(watcher);
  const list = group.watchers();
  const order = list.map(({ id, serial }) => `${id}/${serial}`);
  t.same(order, ['3/1', '3/3', '5/2', '9/0']);
  for (const watcher of list) group.delete(watcher);
  t.same(
    list.map(({ id, serial }) => `${id}/${serial}`),
    order,
  );
  t.same(group.watchers(), []);
});

t.test('property: as a list of watchers', async (t) => {
  const range = fc.tuple(fewKeys, rangeEnd(fewKeys)).filter(([key, end]) => !end || key < end);
  const step = fc.record({ adds: fc.boolean(), nth: fc.nat(19) });
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 20, size: 'max' }),
      fc.array(step, { maxLength: 60, size: 'max' }),
      fewKeys,
      (ranges, steps, key) => {
        const { engine } = new WatchBench();
        const stream = engine.openStream();
        const watchers = ranges.map(([key, end]) => stream.watch({ key, end }));
        const group = new WatcherGroup();
        const members = new Set<Watcher>();
        for (const { adds, nth } of steps) {
          const watcher = watchers[nth % watchers.length]!;
          if (adds) {
            group.add(watcher);
            members.add(watcher);
          } else {
            assert.equal(group.delete(watcher), members.delete(watcher));
          }
          assert.equal(group.has(watcher), adds);
        }
        const ids = (list: Iterable<Watcher>) => [...list].map(({ id }) => id).sort((a, b) => a - b);
        assert.equal(group.size, members.size);
        assert.deepEqual(
          group.watchers().map(({ id }) => id),
          ids(members),
        );
        const wanted = [...members].filter((watcher) => holds(watcher.key, watcher.end, key));
        assert.deepEqual(ids(reached(group, key)), ids(wanted), 'each once');
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});
