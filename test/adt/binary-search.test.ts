import t from 'tap';
import { countBefore } from '../../src/adt/binary-search.js';
import fc from '../support/fast-check.js';

t.test('the first place that is not before what is searched', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(21), (numbers, wanted) => {
      const sorted = [...numbers].sort((a, b) => a - b);
      const place = countBefore(sorted.length, (at) => sorted[at]! < wanted);
      return place === sorted.filter((number) => number < wanted).length;
    }),
  );
  t.equal(
    countBefore(0, () => {
      throw new Error('there is no place to look at');
    }),
    0,
  );
  t.end();
});
