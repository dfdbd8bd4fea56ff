import assert from 'node:assert/strict';
import t from 'tap';
import { compareEnds, compareIntervals, type Interval, intersect, isEmpty, point } from '../../src/adt/interval.js';
import type { IntervalValue, NodeView } from '../../src/adt/interval-node.js';
import { IntervalTree } from '../../src/adt/interval-tree.js';
import fc from '../support/fast-check.js';

const EVERYTHING: Interval = { begin: '', end: '' };

// The tables use short forms: 'a-c' is [a, c), 'a-' is all keys from a on, and 'a' is the single key.

function interval(text: string): Interval {
  const [begin = '', end] = text.split('-');
  return end === undefined ? point(begin) : { begin, end };
}

function short({ begin, end }: Interval): string {
  return end === `${begin}\0` ? begin : `${begin}-${end}`;
}

function treeOf(...texts: string[]): IntervalTree<string> {
  const tree = new IntervalTree<string>();
  for (const text of texts) tree.insert(interval(text), text);
  return tree;
}

function stabbed(tree: IntervalTree<string>, key: string): string {
  const found: string[] = [];
  tree.stabPoint(key, ({ value }) => found.push(value));
  return found.join(' ');
}

function stabbedBy(tree: IntervalTree<string>, text: string): string {
  return tree
    .stab(interval(text))
    .map(({ value }) => value)
    .join(' ');
}

/** Returns a subtree as text: each node is its begin, with * behind red ones and the children in brackets. */
function drawn(node: NodeView<unknown> | undefined): string {
  if (node === undefined) return '';
  const { left, right } = node;
  const name = node.begin + (node.colour === 'red' ? '*' : '');
  return [left && `(${drawn(left)})`, name, right && `(${drawn(right)})`].filter(Boolean).join(' ');
}

/**
 * Returns the entries, or fails unless the tree is an ordered red-black tree in which each height and maxEnd is right.
 */
function checkedEntries<V>(tree: IntervalTree<V>): IntervalValue<V>[] {
  const entries: IntervalValue<V>[] = [];

  /** Returns the latest end, the height and the number of black nodes on each way down. */
  function check(node: NodeView<V> | undefined): { maxEnd: string | undefined; height: number; blacks: number } {
    if (node === undefined) return { maxEnd: undefined, height: 0, blacks: 0 };
    const left = check(node.left);
    entries.push({ begin: node.begin, end: node.end, value: node.value });
    const right = check(node.right);

    if (node.colour === 'red') {
      assert.notEqual(node.left?.colour, 'red', 'a red node has a red child');
      assert.notEqual(node.right?.colour, 'red', 'a red node has a red child');
    }
    assert.equal(left.blacks, right.blacks, 'two ways down pass different numbers of black nodes');
    const ends = [left.maxEnd, node.end, right.maxEnd].filter((end) => end !== undefined);
    const maxEnd = ends.includes('') ? '' : ends.sort().at(-1)!;
    assert.equal(node.maxEnd, maxEnd, 'maxEnd');
    const height = 1 + Math.max(left.height, right.height);
    assert.equal(node.height, height, 'height');
    return { maxEnd, height, blacks: left.blacks + (node.colour === 'black' ? 1 : 0) };
  }

  const root = tree.root();
  assert.notEqual(root?.colour, 'red', 'the root is red');
  const { height } = check(root);
  for (const [i, entry] of entries.entries()) {
    const before = entries[i - 1];
    assert(before === undefined || naiveOrder(before, entry) < 0, 'out of order');
  }
  assert.equal(tree.len(), entries.length, 'len');
  assert.equal(tree.height(), height, 'height');
  assert(height <= tree.maxHeight(), 'higher than maxHeight');
  return entries;
}

// The naive model answers every question by looking at single keys.

function holds({ begin, end }: Interval, key: string): boolean {
  return begin <= key && (end === '' || key < end);
}

/** Returns whether two intervals have a key in common, which is so if one contains the begin of the other. */
function share(a: Interval, b: Interval): boolean {
  return holds(a, b.begin) || holds(b, a.begin);
}

function naiveOrder(a: Interval, b: Interval): number {
  if (a.begin !== b.begin) return a.begin < b.begin ? -1 : 1;
  if (a.end === b.end) return 0;
  if (a.end === '') return 1;
  if (b.end === '') return -1;
  return a.end < b.end ? -1 : 1;
}

function same(a: Interval, b: Interval): boolean {
  return a.begin === b.begin && a.end === b.end;
}

class Model<V> {
  entries: IntervalValue<V>[] = [];

  find(wanted: Interval): IntervalValue<V> | undefined {
    return this.entries.find((entry) => same(entry, wanted));
  }

  insert({ begin, end }: Interval, value: V): void {
    this.entries.push({ begin, end, value });
    this.entries.sort(naiveOrder);
  }

  delete(wanted: Interval): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => !same(entry, wanted));
    return this.entries.length < before;
  }

  stab(query: Interval): IntervalValue<V>[] {
    return this.entries.filter((entry) => share(entry, query));
  }

  /** A gap would begin where the query begins or where an interval ends. */
  contains(query: Interval): boolean {
    return [query.begin, ...this.entries.map(({ end }) => end).filter((end) => end !== '')]
      .filter((key) => holds(query, key))
      .every((key) => this.entries.some((entry) => holds(entry, key)));
  }
}

function plain<V>(entries: readonly IntervalValue<V>[]): IntervalValue<V>[] {
  return entries.map(({ begin, end, value }) => ({ begin, end, value }));
}

/** Compares the tree with the model in all questions about one query. */
function checkQueries<V>(tree: IntervalTree<V>, model: Model<V>, query: Interval, stopAfter: number): void {
  const expected = model.stab(query);
  assert.deepEqual(plain(tree.stab(query)), expected, 'stab');
  assert.equal(tree.intersects(query), expected.length > 0, 'intersects');
  assert.equal(tree.contains(query), model.contains(query), 'contains');

  const visited: IntervalValue<V>[] = [];
  const finished = tree.visit(query, (entry) => visited.push(entry) < stopAfter);
  assert.deepEqual(plain(visited), expected.slice(0, stopAfter), 'visit');
  assert.equal(finished, expected.length < stopAfter, 'visit to the end');

  const found = tree.find(query);
  assert.deepEqual(found && plain([found])[0], model.find(query), 'find');

  for (const key of [query.begin, query.end]) {
    const stabbedEntries: IntervalValue<V>[] = [];
    tree.stabPoint(key, (entry) => stabbedEntries.push(entry));
    assert.deepEqual(
      plain(stabbedEntries),
      model.entries.filter((entry) => holds(entry, key)),
      'stabPoint',
    );
  }
}

// The keys consist of few bytes, among them the lowest and the highest, so that equal, nested and touching intervals
// are common.
const arbitraryKey = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), maxLength: 2 });
const arbitraryInterval: fc.Arbitrary<Interval> = fc.oneof(
  arbitraryKey.map(point),
  arbitraryKey.map((begin) => ({ begin, end: '' })),
  fc
    .tuple(arbitraryKey, arbitraryKey)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (a < b ? { begin: a, end: b } : { begin: b, end: a })),
);

t.test('intervals', async (t) => {
  t.same(point('a'), { begin: 'a', end: 'a\0' });
  t.same(point(''), { begin: '', end: '\0' });

  const pairs: [a: string, b: string, intersecting: boolean, order: number][] = [
    ['a-b', 'a-b', true, 0],
    ['a-b', 'b-c', false, -1],
    ['a-c', 'b-c', true, -1],
    ['a-d', 'b-c', true, -1],
    ['a-c', 'a-d', true, -1],
    ['a-c', 'a-', true, -1],
    ['a-', 'b-', true, -1],
    ['a-b', 'b-', false, -1],
    ['a-c', 'b-', true, -1],
    ['a', 'a-', true, -1],
    ['a', 'a\0', false, -1],
    ['a', 'a\0-b', false, -1],
    ['a-b', 'b', false, -1],
    ['a-b', 'a\xff\xff', true, -1],
    ['\xff', '\xff\xff', false, -1],
    ['\xfe-\xff', '\xff-', false, -1],
    ['-a', '', true, 1],
    ['', 'a', false, -1],
    ['', '\0', false, -1],
    ['-', '\0-', true, -1],
  ];
  for (const [left, right, intersecting, order] of pairs) {
    const a = interval(left);
    const b = interval(right);
    const name = JSON.stringify([left, right]);
    t.equal(intersect(a, b), intersecting, `${name} intersect`);
    t.equal(intersect(b, a), intersecting, `${name} intersect, the other way round`);
    t.equal(compareIntervals(a, b), order, `${name} order`);
    t.equal(compareIntervals(b, a), 0 - order, `${name} order, the other way round`);
  }

  t.equal(compareEnds('', ''), 0, 'one infinity');
  t.equal(compareEnds('', '\xff'), 1);
  t.equal(compareEnds('\xff', ''), -1);

  for (const [text, empty] of [
    ['a-b', false],
    ['a-', false],
    ['-', false],
    ['-\0', false],
    ['a-a', true],
    ['b-a', true],
  ] as const) {
    t.equal(isEmpty(interval(text)), empty, text);
  }
});

t.test('an empty tree', async (t) => {
  const tree = new IntervalTree<string>();
  t.equal(tree.len(), 0);
  t.equal(tree.height(), 0);
  t.equal(tree.maxHeight(), 0);
  t.equal(tree.root(), undefined);
  t.equal(tree.find(point('a')), undefined);
  t.equal(tree.intersects(EVERYTHING), false);
  t.equal(tree.contains(point('a')), false);
  t.same(tree.stab(EVERYTHING), []);
  t.equal(
    tree.visit(EVERYTHING, () => t.fail('visited')),
    true,
  );
  t.equal(stabbed(tree, ''), '');
  t.equal(tree.delete(point('a')), false);
});

t.test('maxHeight is 2 log2(n + 1), rounded', async (t) => {
  const tree = new IntervalTree<number>();
  const heights = [0, 2, 3, 4, 5, 5, 6, 6, 6, 7];
  for (const [n, height] of heights.entries()) {
    t.equal(tree.maxHeight(), height, `${n} intervals`);
    tree.insert(point(`${n}`), n);
  }
});

t.test('stab of a point', async (t) => {
  const tree = treeOf('a-c', 'b-d', 'b-', 'b', 'c-d', 'd-', '-b', '\xff-\xff\xff');
  const table: [key: string, found: string][] = [
    ['', '-b'],
    ['a', '-b a-c'],
    ['a\xff\xff', '-b a-c'],
    ['b', 'a-c b b-d b-'], // not -b, which ends here
    ['b\0', 'a-c b-d b-'],
    ['bz', 'a-c b-d b-'],
    ['c', 'b-d b- c-d'],
    ['d', 'b- d-'],
    ['\xfe', 'b- d-'],
    ['\xff', 'b- d- \xff-\xff\xff'],
    ['\xff\xfe\xff', 'b- d- \xff-\xff\xff'],
    ['\xff\xff', 'b- d-'],
  ];
  for (const [key, found] of table) {
    t.equal(stabbed(tree, key), found, JSON.stringify(key));
    t.equal(stabbedBy(tree, key), found, `${JSON.stringify(key)} as an interval`);
  }
});

t.test('stab and intersects of an interval', async (t) => {
  const tree = treeOf('b-c', 'b-e', 'd-f', 'h', 'm-');
  const table: [query: string, found: string][] = [
    ['a-b', ''], // the two only touch
    ['a-b\0', 'b-c b-e'],
    ['c-d', 'b-e'],
    ['c-d\0', 'b-e d-f'],
    ['e-f', 'd-f'],
    ['f-h', ''],
    ['f-i', 'h'],
    ['h\0-m', ''],
    ['h\0-', 'm-'],
    ['z-', 'm-'],
    ['\xff\xff', 'm-'],
    ['-', 'b-c b-e d-f h m-'],
    ['c', 'b-e'],
    ['b-e', 'b-c b-e d-f'],
  ];
  for (const [query, found] of table) {
    t.equal(stabbedBy(tree, query), found, JSON.stringify(query));
    t.equal(tree.intersects(interval(query)), found !== '', `${JSON.stringify(query)} intersects`);
  }
});

t.test('contains: all stored intervals together cover it', async (t) => {
  const table: [stored: string[], query: string, covered: boolean][] = [
    [['b-d'], 'b-d', true],
    [['b-d'], 'b-c', true],
    [['b-d'], 'a-c', false],
    [['b-d'], 'c-e', false],
    [['b-d'], 'b-d\0', false],
    [['b-d'], 'd', false],
    [['b-d'], 'c\xff\xff', true],
    [['b-d'], 'b-', false],
    [['a-c', 'b-d'], 'a-d', true],
    [['a-b', 'b-c'], 'a-c', true], // touching leaves no gap
    [['a-b', 'b\0-c'], 'a-c', false], // the one key b is missing
    [['a-b', 'b', 'b\0-c'], 'a-c', true],
    [['a-b', 'c-d'], 'a-d', false],
    [['a-b', 'c-d'], 'a-b', true],
    [['a-b', 'c-d', 'a-d'], 'a-d', true],
    [['a-z', 'b-c'], 'a-y', true], // the last to begin is not the last to end
    [['a-m', 'b-c', 'd-e', 'm-z'], 'a-z', true],
    [['a-', 'b-c'], 'a-', true],
    [['a-', 'b-c'], 'x-', true],
    [['a-b', 'b-'], 'a-', true],
    [['a-b', 'c-'], 'a-', false],
    [['a-\xff', '\xff-\xff\xff'], 'a-', false],
    [['-a', 'a-'], '-', true],
    [['\0-'], '-', false], // '' is a key below \0
    [['', '\0-'], '-', true],
  ];
  for (const [stored, query, covered] of table) {
    t.equal(treeOf(...stored).contains(interval(query)), covered, JSON.stringify([stored, query]));
  }
});

t.test('find and delete take the exact interval', async (t) => {
  const tree = treeOf('a-c', 'a-d', 'a-', 'a', 'b-c');
  for (const text of ['a-b', 'a-e', 'b', 'b-', 'c-d', '-']) {
    t.equal(tree.find(interval(text)), undefined, text);
    t.equal(tree.delete(interval(text)), false, text);
  }
  t.equal(tree.len(), 5);
  for (const text of ['a-d', 'a', 'a-', 'b-c', 'a-c']) {
    t.equal(tree.find(interval(text))?.value, text);
    t.equal(tree.delete(interval(text)), true, text);
    t.equal(tree.find(interval(text)), undefined, `${text} is gone`);
    t.equal(tree.delete(interval(text)), false, `${text} is gone`);
    checkedEntries(tree);
  }
  t.equal(tree.len(), 0);
});

t.test('what is not there is made once', async (t) => {
  const tree = treeOf('a-c');
  t.equal(
    tree.getOrInsert(interval('a-c'), () => 'made'),
    'a-c',
  );
  for (const made of ['first', 'second']) {
    t.equal(
      tree.getOrInsert(interval('a-'), () => made),
      'first',
    );
  }
  t.equal(stabbed(tree, 'b'), 'a-c first');
  t.throws(() => tree.getOrInsert(interval('b-b'), () => 'empty'), /^empty interval/);
  t.equal(tree.len(), 2);
});

t.test('a found value is the one inserted, and can be changed in place', async (t) => {
  const tree = new IntervalTree<Set<string>>();
  tree.insert(interval('a-c'), new Set(['w1']));
  tree.find(interval('a-c'))?.value.add('w2');
  tree.stabPoint('b', ({ value }) => t.same([...value], ['w1', 'w2']));
});

t.test('visit stops when told', async (t) => {
  const tree = treeOf('a-z', 'b-z', 'c-z', 'd-z', 'e-z', 'f-z', 'g-z');
  for (let stopAfter = 1; stopAfter <= 7; stopAfter++) {
    const visited: string[] = [];
    const finished = tree.visit(EVERYTHING, (entry) => visited.push(entry.value) < stopAfter);
    t.equal(visited.length, stopAfter);
    t.equal(finished, false);
  }
  t.equal(
    tree.visit(EVERYTHING, () => true),
    true,
  );
});

t.test('union', async (t) => {
  const tree = treeOf('a-b', 'c-d');
  const other = new IntervalTree<string>();
  for (const text of ['a-c', 'c-d', 'd-f', 'e-g', 'g-h', 'k-']) other.insert(interval(text), `other ${text}`);
  tree.union(other, interval('c-g'));
  t.same(
    plain(tree.stab(EVERYTHING)).map(({ value, ...found }) => [short(found), value]),
    [
      ['a-b', 'a-b'],
      ['c-d', 'c-d'], // an interval of both keeps its own value
      ['d-f', 'other d-f'],
      ['e-g', 'other e-g'], // the interval is taken whole, though it only begins before g
    ],
  );
  t.equal(other.len(), 6, 'the other tree stays as it was');
  tree.union(tree, EVERYTHING);
  t.equal(tree.len(), 4, 'its own intervals are all there');
  tree.union(other, EVERYTHING);
  t.equal(tree.len(), 7);
  checkedEntries(tree);
});

t.test('what must not be', async (t) => {
  const tree = treeOf('a-c', 'b-d', 'a-');
  const before = tree.root();
  t.throws(() => tree.insert(interval('a-c'), 'again'), /interval inserted twice: \["a", "c"\)/);
  t.throws(() => tree.insert(interval('a-'), 'again'), /interval inserted twice: \["a", ∞\)/);
  for (const empty of [interval('b-b'), interval('c-b')]) {
    t.throws(() => tree.insert(empty, 'empty'), { code: 'ERR_ASSERTION', message: /^empty interval: \["[bc]", "b"\)/ });
    t.throws(() => tree.stab(empty), /empty interval/);
    t.throws(() => tree.visit(empty, () => true), /empty interval/);
    t.throws(() => tree.intersects(empty), /empty interval/);
    t.throws(() => tree.contains(empty), /empty interval/);
    t.throws(() => tree.union(treeOf('a-c'), empty), /empty interval/);
  }
  t.same(tree.root(), before, 'a refusal changes nothing');
  t.equal(tree.len(), 3);
});

t.test('root shows the structure', async (t) => {
  const tree = treeOf('f-m', 'b-h', 'p-', 'd-k');
  t.same(tree.root(), {
    ...{ begin: 'f', end: 'm', value: 'f-m', colour: 'black', height: 3, maxEnd: '' },
    left: {
      ...{ begin: 'b', end: 'h', value: 'b-h', colour: 'black', height: 2, maxEnd: 'k' },
      left: undefined,
      right: {
        ...{ begin: 'd', end: 'k', value: 'd-k', colour: 'red', height: 1, maxEnd: 'k' },
        left: undefined,
        right: undefined,
      },
    },
    right: {
      ...{ begin: 'p', end: '', value: 'p-', colour: 'black', height: 1, maxEnd: '' },
      left: undefined,
      right: undefined,
    },
  });

  const view = tree.root();
  tree.delete(interval('f-m'));
  t.equal(view?.begin, 'f', 'a view stays as it was');
});

t.test('balance, case by case', async (t) => {
  const table: [inserted: string, deleted: string, shape: string, what: string][] = [
    ['abc', '', '(a*) b (c*)', 'insert on the outside: one rotation'],
    ['cba', '', '(a*) b (c*)', '… mirrored'],
    ['acb', '', '(a*) b (c*)', 'insert on the inside: two rotations'],
    ['cab', '', '(a*) b (c*)', '… mirrored'],
    ['bacd', '', '(a) b (c (d*))', 'insert below a red uncle: only colours'],
    ['abcdefgh', '', '((a) b* (c)) d ((e) f* (g (h*)))', 'in ascending order'],
    ['hgfedcba', '', '(((a*) b) c* (d)) e ((f) g* (h))', 'in descending order'],
    ['a', 'a', '', 'delete the last'],
    ['abcd', 'd', '(a) b (c)', 'delete a red leaf'],
    ['abcd', 'c', '(a) b (d)', 'delete a node with one child'],
    ['abcd', 'b', '(a) c (d)', 'delete a node whose next is its own child'],
    ['abcd', 'da', 'b (c*)', 'delete beside a black sibling without red children'],
    ['bacd', 'a', '(b) c (d)', 'delete beside a sibling with a far red child'],
    ['badc', 'a', '(b) c (d)', 'delete beside a sibling with a near red child'],
    ['dcab', 'd', '(a) b (c)', '… mirrored'],
    ['cdba', 'd', '(a) b (c)', 'delete beside a sibling with a far red child, mirrored'],
    ['abcdef', 'a', '(b (c*)) d (e (f*))', 'delete beside a red sibling'],
    ['fedcba', 'f', '((a*) b) c ((d*) e)', '… mirrored'],
    ['abcdefgh', 'd', '((a) b* (c)) e ((f) g* (h))', 'delete a node whose next is further down'],
  ];
  for (const [inserted, deleted, shape, what] of table) {
    const tree = treeOf(...inserted);
    for (const key of deleted) t.ok(tree.delete(point(key)));
    checkedEntries(tree);
    t.equal(drawn(tree.root()), shape, what);
  }
});

t.test('maxEnd follows a delete', async (t) => {
  const tree = treeOf('d-e', 'b-z', 'f-g', 'a-');
  t.equal(tree.root()?.maxEnd, '');
  tree.delete(interval('a-')); // a leaf two levels down
  t.equal(tree.root()?.maxEnd, 'z');
  tree.delete(interval('b-z'));
  t.equal(tree.root()?.maxEnd, 'g');
  tree.delete(interval('d-e')); // the root itself
  t.equal(tree.root()?.maxEnd, 'g');
  tree.delete(interval('f-g'));
  tree.insert(interval('c-d'), 'c-d');
  t.equal(tree.root()?.maxEnd, 'd', 'nothing of the old ones is left');
});

function* permutations(keys: string): Iterable<string> {
  if (keys.length <= 1) yield keys;
  for (let i = 0; i < keys.length; i++) {
    for (const rest of permutations(keys.slice(0, i) + keys.slice(i + 1))) yield keys[i] + rest;
  }
}

t.test('every order of seven inserts, then deletes from every position', async (t) => {
  const all = 'abcdefg';
  // An interval that begins earlier ends later, so that a max that is out of date shows on the left.
  const nested = (key: string): Interval => ({ begin: key, end: 'zyxwvut'[all.indexOf(key)]! });
  for (const order of permutations(all)) {
    for (let first = 0; first < all.length; first += 3) {
      const tree = new IntervalTree<string>();
      for (const key of order) tree.insert(nested(key), key);
      const deleted = all.slice(first) + all.slice(0, first);
      for (const [i, key] of [...deleted].entries()) {
        assert(tree.delete(nested(key)));
        assert.deepEqual(
          checkedEntries(tree).map(({ value }) => value),
          [...deleted.slice(i + 1)].sort(),
          `inserted ${order}, deleted ${deleted.slice(0, i + 1)}`,
        );
      }
    }
  }
  t.pass();
});

t.test('property: after each step of any sequence the tree answers as a list does', async (t) => {
  const step = fc.record({
    change: fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('insert' as const), interval: arbitraryInterval }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), interval: arbitraryInterval }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('deleteNth' as const), n: fc.nat(99) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('union' as const),
          others: fc.uniqueArray(arbitraryInterval, { comparator: same, maxLength: 6 }),
          interval: arbitraryInterval,
        }),
      },
    ),
    query: arbitraryInterval,
    stopAfter: fc.integer({ min: 1, max: 4 }),
  });

  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const tree = new IntervalTree<number>();
      const model = new Model<number>();
      let value = 0;
      for (const { change, query, stopAfter } of steps) {
        switch (change.kind) {
          case 'insert':
            value++;
            if (model.find(change.interval)) {
              assert.throws(() => tree.insert(change.interval, value), assert.AssertionError);
            } else {
              tree.insert(change.interval, value);
              model.insert(change.interval, value);
            }
            break;
          case 'delete':
            assert.equal(tree.delete(change.interval), model.delete(change.interval), 'delete');
            break;
          case 'deleteNth': {
            const entry = model.entries[change.n % model.entries.length];
            if (entry === undefined) break;
            assert.equal(tree.delete(entry), true, 'delete');
            model.delete(entry);
            break;
          }
          case 'union': {
            const other = new IntervalTree<number>();
            for (const added of change.others) {
              value++;
              other.insert(added, value);
              if (share(added, change.interval) && !model.find(added)) model.insert(added, value);
            }
            tree.union(other, change.interval);
            break;
          }
        }
        assert.deepEqual(checkedEntries(tree), model.entries);
        checkQueries(tree, model, query, stopAfter);
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('property: a large tree keeps its balance while it grows and shrinks', async (t) => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      const next = (below: number): number => numbers.next().value % below;
      const tree = new IntervalTree<number>();
      const model = new Model<number>();
      const key = (): string => String.fromCharCode(next(40), next(256));
      for (let i = 0; i < 400; i++) {
        const grows = next(10) < (i < 200 ? 8 : 2);
        const [a, b] = [key(), key()].sort() as [string, string];
        const added = a === b ? point(a) : { begin: a, end: b };
        const removed = model.entries[next(model.entries.length || 1)];
        if (grows && !model.find(added)) {
          tree.insert(added, i);
          model.insert(added, i);
        } else if (removed !== undefined) {
          tree.delete(removed);
          model.delete(removed);
        }
        assert.deepEqual(checkedEntries(tree), model.entries);
        checkQueries(tree, model, { begin: key(), end: '' }, 3);
        checkQueries(tree, model, point(key()), 3);
      }
    }),
    { numRuns: 4 },
  );
  t.pass();
});
