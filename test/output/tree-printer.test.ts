import t from 'tap';
import { watchTree } from '../../src/inspect/watch-tree.js';
import { styleFor } from '../../src/output/terminal/style.js';
import { TREE_PRINTERS } from '../../src/output/tree-printer.js';

const style = await styleFor({}, {});

function drawn(keys: readonly string[]): string {
  const specs = keys.map((key, i) => ({ name: `w${i}`, key, filters: [], prevKv: false }));
  const bytes = TREE_PRINTERS.simple!(style).tree(watchTree(specs));
  return Buffer.from(bytes, 'latin1').toString();
}

t.test('lines lead from each node to its parent, and past those between', async (t) => {
  t.equal(
    drawn([...'abcdefghijkl']),
    `12 intervals of 12 watchers, height 5 of at most 7

    ┌── a          height 1  black  w0
┌── b              height 2  black  w1
│   └── c          height 1  black  w2
d                  height 5  black  w3
│       ┌── e      height 1  black  w4
│   ┌── f          height 2  red    w5
│   │   └── g      height 1  black  w6
└── h              height 4  black  w7
    │   ┌── i      height 1  black  w8
    └── j          height 3  red    w9
        └── k      height 2  black  w10
            └── l  height 1  red    w11
`,
  );
});

t.test('one node', async (t) => {
  t.equal(drawn(['a']), '1 interval of 1 watcher, height 1 of at most 2\n\na  height 1  black  w0\n');
});

t.test('a very long key does not push all others aside', async (t) => {
  const lines = drawn(['a', 'b'.repeat(100)]).split('\n');
  t.equal(lines[2]!.indexOf('height'), 66);
  t.ok(lines[3]!.includes(`${'b'.repeat(100)}  height 1  red    w1`));
});
