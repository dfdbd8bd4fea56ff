import assert from 'node:assert/strict';
import t from 'tap';
import { JoinedTable } from '../../src/mvcc/joined-table.js';
import fc from '../support/fast-check.js';
import { SortedMapTable } from '../support/sorted-map-table.js';
import { applyStep, checkAlike, keyRange, tableKey, tableStep } from '../support/table-steps.js';

t.test('property: as one table', async (t) => {
  const steps = fc.array(tableStep, { maxLength: 20 });
  const ranges = fc.array(keyRange, { maxLength: 6 });
  fc.assert(
    fc.property(steps, steps, tableKey, ranges, (lower, upper, bound, ranges) => {
      const [below, above, model] = [new SortedMapTable(), new SortedMapTable(), new SortedMapTable()];
      for (const step of lower) applyStep(below, step);
      for (const step of upper) applyStep(above, step);
      for (const { key, value } of below.entries({ lt: bound })) model.put(key, value);
      for (const { key, value } of above.entries({ gte: bound })) model.put(key, value);
      const joined = new JoinedTable(below, above, bound);
      checkAlike(joined, model, ranges);
      for (const { key } of [...lower, ...upper]) assert.deepEqual(joined.get(key), model.get(key));
    }),
    { numRuns: 100 },
  );
  t.pass();
});
