import t from 'tap';
import { PageSet } from '../../src/bbolt/page-set.js';

t.test('the ids that are missing, in a file that is mostly a hole', async (t) => {
  const set = new PageSet();
  const far = 2 ** 48;
  for (const id of [2, 3, 3, 5, 65_535, 65_536, far]) set.add(id);
  t.equal(set.count, 6);
  t.strictSame(
    [1, 2, 3, 4, 5, 65_535, 65_536, 65_537, far - 1, far].map((id) => set.has(id)),
    [false, true, true, false, true, true, true, false, false, true],
  );
  t.strictSame(
    [...set.missing(2, far + 3)],
    [
      { from: 4, to: 5 },
      { from: 6, to: 65_535 },
      { from: 65_537, to: far },
      { from: far + 1, to: far + 3 },
    ],
  );
  t.strictSame([...set.missing(2, 4)], []);
  t.strictSame([...set.missing(far + 70_000, far + 70_001)], [{ from: far + 70_000, to: far + 70_001 }]);
  t.strictSame([...new PageSet().missing(2, far)], [{ from: 2, to: far }]);
});
