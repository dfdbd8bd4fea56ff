import t from 'tap';
import { PageCache } from '../../src/bbolt/page-cache.js';
import fc from '../support/fast-check.js';

t.test('what was used last stays', async (t) => {
  const cache = new PageCache<string>(40);
  for (const id of [1, 2, 3, 4]) cache.add(id, `p${id}`, 10);
  t.equal(cache.get(1), 'p1');
  cache.add(5, 'p5', 10);
  t.equal(cache.get(2), undefined, 'the one used longest ago is gone');
  t.same(
    [1, 3, 4, 5].map((id) => cache.get(id)),
    ['p1', 'p3', 'p4', 'p5'],
  );
  t.equal(cache.sizeBytes, 40);
});

t.test('a page that would drive out too much is not kept', async (t) => {
  const cache = new PageCache<string>(40);
  cache.add(1, 'small', 10);
  cache.add(2, 'large', 11);
  t.equal(cache.get(1), 'small');
  t.equal(cache.get(2), undefined);
  t.equal(cache.sizeBytes, 10);
  const none = new PageCache<string>(0);
  none.add(1, 'any', 1);
  t.equal(none.get(1), undefined);
});

t.test('property: as a list in order of use does', async (t) => {
  const steps = fc.array(fc.record({ id: fc.nat(12), sizeBytes: fc.integer({ min: 1, max: 30 }) }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 100 }), (run, limit) => {
      const cache = new PageCache<number>(limit);
      let model: { id: number; sizeBytes: number }[] = [];
      const used = () => model.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      for (const { id, sizeBytes } of run) {
        const kept = model.find((page) => page.id === id);
        model = model.filter((page) => page !== kept);
        if (cache.get(id) !== kept?.id) return false;
        if (kept !== undefined) model.push(kept);
        else {
          cache.add(id, id, sizeBytes);
          if (sizeBytes <= limit / 4) model.push({ id, sizeBytes });
          while (used() > limit) model.shift();
        }
        if (cache.sizeBytes !== used()) return false;
      }
      return true;
    }),
  );
  t.pass();
});
