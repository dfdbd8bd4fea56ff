import t from 'tap';
import { GuessedNumbers, WholeNumbers } from '../../src/adt/whole-numbers.js';

t.test('numbers at their places', (t) => {
  const numbers = new WholeNumbers();
  for (let i = 0; i < 40_000; i++) numbers.push(i * 3);
  numbers.push(0xffff_ffff);
  t.equal(numbers.length, 40_001);
  t.strictSame(
    [0, 16_383, 16_384, 39_999, 40_000].map((at) => numbers.at(at)),
    [0, 49_149, 49_152, 119_997, 0xffff_ffff],
  );
  t.end();
});

t.test('guessed numbers, until one is not', (t) => {
  const numbers = new GuessedNumbers((place) => place + 2);
  for (const number of [2, 3, 4]) numbers.push(number);
  t.strictSame([numbers.length, numbers.at(2)], [3, 4]);
  for (const number of [4, 5]) numbers.push(number);
  t.strictSame(
    [0, 1, 2, 3, 4].map((at) => numbers.at(at)),
    [2, 3, 4, 4, 5],
  );
  t.equal(numbers.length, 5);
  t.end();
});
