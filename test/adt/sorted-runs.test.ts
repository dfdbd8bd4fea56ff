import assert from 'node:assert/strict';
import t from 'tap';
import { SortedRuns } from '../../src/adt/sorted-runs.js';
import fc from '../support/fast-check.js';

t.test('property: as a sorted set of whole numbers', (t) => {
  const steps = fc.array(fc.tuple(fc.constantFrom('insert', 'delete'), fc.nat(3000)), { maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2500 }), steps, fc.nat(3000), (count, changes, from) => {
      const runs = new SortedRuns((a, b) => a < b);
      const model = new Set<number>();
      const insert = (number: number) => {
        if (!model.has(number)) runs.insert(number);
        model.add(number);
      };
      for (let i = 0; i < count; i++) insert((i * 1231) % 3001);
      for (const [what, number] of changes) {
        if (what === 'insert') insert(number);
        else runs.delete(number);
        if (what === 'delete') model.delete(number);
      }
      const wanted = [...model].filter((number) => number >= from).sort((a, b) => a - b);
      assert.deepEqual([...runs.from((number) => number < from)], wanted);
    }),
    { numRuns: 30 },
  );
  t.end();
});
