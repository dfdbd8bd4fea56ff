import t from 'tap';
import { type WatchTreeNode, watchersReachedBy, watchTree } from '../../src/inspect/watch-tree.js';
import type { WatchSpec } from '../../src/requests/watch-spec.js';
import fc from '../support/fast-check.js';

const spec = (name: string, key: string, end?: string): WatchSpec => ({ name, key, end, filters: [], prevKv: false });

function nodes(node: WatchTreeNode | undefined): WatchTreeNode[] {
  return node === undefined ? [] : [...nodes(node.left), node, ...nodes(node.right)];
}

t.test('one node a range, with all its watchers; a single key is a point', async (t) => {
  const tree = watchTree([
    spec('one', 'b'),
    spec('prefix', 'a', 'c'),
    spec('same', 'a', 'c'),
    spec('point too', 'b', 'b\0'),
    spec('from', 'b', ''),
  ]);
  t.match(tree, { watchers: 5, len: 3, height: 2, maxHeight: 4 });
  t.strictSame(
    nodes(tree.root).map(({ begin, end, value }) => ({ begin, end, value })),
    [
      { begin: 'a', end: 'c', value: ['prefix', 'same'] },
      { begin: 'b', end: 'b\0', value: ['one', 'point too'] },
      { begin: 'b', end: '', value: ['from'] },
    ],
  );
});

t.test('two watchers of one name are refused', async (t) => {
  t.throws(() => watchTree([spec('x', 'a'), spec('x', 'b')]), { code: 'USAGE' });
  t.throws(() => watchersReachedBy([spec('x', 'a'), spec('x', 'b')], 'a'), { code: 'USAGE' });
});

t.test('a key reaches those that a look at each range finds', async (t) => {
  const key = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), minLength: 1, maxLength: 3 });
  const range = fc
    .record({ key, end: fc.oneof(fc.constant(undefined), fc.constant(''), key) })
    .filter(({ key, end }) => end === undefined || end === '' || key < end);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), key, (ranges, stabbed) => {
      const specs = ranges.map(({ key, end }, i) => spec(`w${i}`, key, end));
      const wanted = specs.filter(({ key, end }) =>
        end === undefined ? key === stabbed : key <= stabbed && (end === '' || stabbed < end),
      );
      const reached = watchersReachedBy(specs, stabbed).map(({ name }) => name);
      t.strictSame([...reached].sort(), wanted.map(({ name }) => name).sort());
    }),
  );
});
