import t from 'tap';
import { CommitTimes } from '../../../src/replay/run/commit-times.js';

t.test('times and revisions, both ways', async (t) => {
  const times = new CommitTimes();
  t.equal(times.revisionAt(5), 0, 'nothing was committed');
  t.equal(times.timeOf(7), 0);
  times.add(4, 10);
  times.add(5, 10);
  times.add(9, 30);
  t.same(
    [3, 4, 5, 6, 9, 10].map((revision) => times.timeOf(revision)),
    [0, 10, 10, 0, 30, 0],
  );
  t.same(
    [9, 10, 29, 30, 31].map((timeUs) => times.revisionAt(timeUs)),
    [0, 5, 5, 9, 9],
  );
});

t.test('a store that goes back commits revisions anew', async (t) => {
  const times = new CommitTimes();
  for (const [revision, timeUs] of [
    [2, 1],
    [3, 2],
    [4, 3],
    [3, 8],
    [4, 9],
  ] as const)
    times.add(revision, timeUs);
  t.same(
    [2, 3, 4].map((revision) => times.timeOf(revision)),
    [1, 8, 9],
  );
  t.equal(times.revisionAt(7), 2);
});
