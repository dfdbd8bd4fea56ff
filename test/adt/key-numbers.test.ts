import t from 'tap';
import { KeyNumbers } from '../../src/adt/key-numbers.js';

t.test('each key has a number of its own', async (t) => {
  const numbers = new KeyNumbers();
  const keys = ['', '\0', '\xff', 'a', 'b', 'ab', 'ba', 'a\0'];
  // Keys that differ in few bits, and many enough that the tables grow several times.
  for (let i = 0; i < 20_000; i++)
    keys.push(`/registry/pods/ns-${i % 100}/pod-${i}`, String.fromCharCode(i >> 8, i & 255));
  // Keys that do not fit into what is left of a chunk, and that are longer than one.
  for (const length of [700_000, 700_001, 3_000_000, 1 << 20, 5])
    keys.push('k'.repeat(length), `${'k'.repeat(length)}l`);
  const distinct = [...new Set(keys)];
  t.equal(numbers.get('a'), undefined);
  t.same(
    distinct.filter((key, i) => numbers.add(key) !== i),
    [],
  );
  t.equal(numbers.size, distinct.length);
  t.same(
    distinct.filter((key, i) => numbers.get(key) !== i || numbers.add(key) !== i),
    [],
  );
  t.same(
    distinct.filter((key, i) => numbers.keyOf(i) !== key),
    [],
  );
  t.equal(numbers.get('none'), undefined);
});

t.test('a key that lies in other bytes has the number of its string', async (t) => {
  const numbers = new KeyNumbers();
  const keys = ['', '\0', '\xff', 'ab', 'abc', 'b', 'k'.repeat(70_000)];
  for (let i = 0; i < 5000; i++) keys.push(`/registry/pods/ns-${i % 100}/pod-${i}`);
  const bytes = Buffer.from(`x${keys.join('')}x`, 'latin1');
  let start = 1;
  const places = keys.map((key) => {
    const place = [start, start + key.length] as const;
    start += key.length;
    return place;
  });
  t.equal(numbers.getBytes(bytes, 1, 1), undefined);
  // Every other key is added as a string.
  const added = keys.map((key, i) => (i % 2 === 0 ? numbers.addBytes(bytes, ...places[i]!) : numbers.add(key)));
  t.same(
    added.filter((number, i) => number !== i),
    [],
  );
  t.same(
    keys.filter((key, i) => numbers.get(key) !== i || numbers.getBytes(bytes, ...places[i]!) !== i),
    [],
  );
  t.same(
    keys.filter((key, i) => numbers.addBytes(bytes, ...places[i]!) !== i || numbers.keyOf(i) !== key),
    [],
  );
  t.equal(numbers.getBytes(Buffer.from('none'), 0, 4), undefined);
});
