import t, { type Test } from 'tap';
import { diffLists, type Run } from '../../src/adt/list-diff.js';
import fc from '../support/fast-check.js';
import { draws } from '../support/random.js';

/** Applies the runs to the list before, and checks that they say where they are. */
function applied(t: Test, before: readonly string[], after: readonly string[], runs: readonly Run[]): string[] {
  const result: string[] = [];
  let place = 0;
  for (const run of runs) {
    t.equal(run.before, place);
    t.equal(run.after, result.length);
    if (run.is !== 'added') place += run.count;
    if (run.is === 'kept') result.push(...before.slice(run.before, run.before + run.count));
    if (run.is === 'added') result.push(...after.slice(run.after, run.after + run.count));
  }
  t.equal(place, before.length);
  return result;
}

/** Returns the least number of items that go and come. */
function leastEdits(before: readonly string[], after: readonly string[]): number {
  let row = Array.from({ length: after.length + 1 }, (_, y) => y);
  for (const [x, item] of before.entries()) {
    const next = [x + 1];
    for (const [y, other] of after.entries()) {
      next.push(item === other ? row[y]! : Math.min(row[y + 1]!, next[y]!) + 1);
    }
    row = next;
  }
  return row[after.length]!;
}

const edits = (runs: readonly Run[]) => runs.reduce((sum, { is, count }) => sum + (is === 'kept' ? 0 : count), 0);

const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });

t.test('the runs lead from one list to the other, by the fewest edits', async (t) => {
  fc.assert(
    fc.property(list, list, (before, after) => {
      const runs = diffLists(before, after);
      t.strictSame(applied(t, before, after, runs), after);
      t.equal(edits(runs), leastEdits(before, after));
    }),
    { numRuns: draws(60, 5000) },
  );
});

t.test('lists that differ in too much', async (t) => {
  const before = ['same', ...Array.from({ length: 30 }, (_, i) => `old ${i}`), 'end'];
  const after = ['same', ...Array.from({ length: 30 }, (_, i) => `new ${i}`), 'end'];
  const runs = diffLists(before, after, 10);
  t.strictSame(
    runs.map(({ is, count }) => `${is} ${count}`),
    ['kept 1', 'removed 30', 'added 30', 'kept 1'],
  );
});

t.test('what goes comes before what comes in its place', async (t) => {
  t.strictSame(
    diffLists(['a', 'b', 'c'], ['a', 'x', 'c', 'd']).map(({ is, before, after, count }) => [is, before, after, count]),
    [
      ['kept', 0, 0, 1],
      ['removed', 1, 1, 1],
      ['added', 2, 1, 1],
      ['kept', 2, 2, 1],
      ['added', 3, 3, 1],
    ],
  );
  t.strictSame(diffLists([], []), []);
});
