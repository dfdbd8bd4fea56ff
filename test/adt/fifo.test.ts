import assert from 'node:assert/strict';
import t from 'tap';
import { Fifo } from '../../src/adt/fifo.js';
import fc from '../support/fast-check.js';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'push' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'shift' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), max: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'takeAll' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
);

t.test('gives what an array would, in any order of steps', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const what of steps) {
        if (what.kind === 'push') {
          queue.push(next);
          model.push(next++);
        } else if (what.kind === 'shift') {
          assert.equal(queue.shift(), model.shift());
        } else if (what.kind === 'clear') {
          queue.clear();
          model.length = 0;
        } else {
          const max = what.kind === 'take' ? what.max : Number.POSITIVE_INFINITY;
          assert.deepEqual(queue.take(max), model.splice(0, Math.min(max, model.length)));
        }
        assert.equal(queue.size, model.length);
      }
    }),
    { numRuns: 100 },
  );
});

t.test('a list that was taken stays as it is', async (t) => {
  const queue = new Fifo<string>();
  queue.push('a');
  const taken = queue.take(5);
  queue.push('b');
  t.strictSame(taken, ['a']);
  t.strictSame(queue.take(5), ['b']);
});

t.test('a long queue', async (t) => {
  const queue = new Fifo<number>();
  const count = 200_000;
  for (let i = 0; i < count; i++) queue.push(i);
  let sum = 0;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) sum += next;
  t.equal(sum, (count * (count - 1)) / 2);
  t.equal(queue.size, 0);
});
