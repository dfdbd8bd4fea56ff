import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { addWatchSpec } from '../../src/requests/watch-spec.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const SHARED = { filters: [], prevKv: false };

/** Returns a database with two watchers of one prefix, and ranges around them. */
function watched(t: Test): Promise<string> {
  return newDatabase(t, ({ backend }) =>
    backend.transaction(() => {
      const { watch } = backend.tables;
      addWatchSpec(watch, { name: 'pods', key: '/pods/', end: '/pods0', ...SHARED });
      addWatchSpec(watch, { name: 'pods-too', key: '/pods/', end: '/pods0', ...SHARED });
      addWatchSpec(watch, { name: 'web-0', key: '/pods/web-0', ...SHARED });
      addWatchSpec(watch, { name: 'all', key: '\0', end: '', ...SHARED });
      addWatchSpec(watch, { name: 'x', key: '/x\x1b[2J', end: '/y', ...SHARED });
    }),
  );
}

t.test('the tree, in each format', async (t) => {
  const db = await watched(t);
  const tree = (format: string) => stdoutOf(t, ['tree', '--db', db, '-w', format]);
  t.equal(
    await tree('simple'),
    `4 intervals of 5 watchers, height 3 of at most 5

┌── [\\x00, ∞)            height 1  black  all
[/pods/, /pods0)         height 3  black  pods, pods-too
└── /pods/web-0          height 2  black  web-0
    └── [/x\\x1b[2J, /y)  height 1  red    x
`,
  );
  t.equal(
    await tree('json'),
    '{"watchers":5,"len":4,"height":3,"maxHeight":5,"root":' +
      '{"begin":"L3BvZHMv","end":"L3BvZHMw","maxEnd":null,"colour":"black","height":3,"watchers":["pods","pods-too"],"left":' +
      '{"begin":"AA==","end":null,"maxEnd":null,"colour":"black","height":1,"watchers":["all"],"left":null,"right":null},"right":' +
      '{"begin":"L3BvZHMvd2ViLTA=","end":"L3BvZHMvd2ViLTAA","maxEnd":"L3k=","colour":"black","height":2,"watchers":["web-0"],"left":null,"right":' +
      '{"begin":"L3gbWzJK","end":"L3k=","maxEnd":"L3k=","colour":"red","height":1,"watchers":["x"],"left":null,"right":null}}}}\n',
  );
  t.equal(
    await tree('table'),
    `┌─────────────────────────┬────────┬────────┬─────────┬────────────────┐
│        INTERVAL         │ COLOUR │ HEIGHT │ MAX END │    WATCHERS    │
├─────────────────────────┼────────┼────────┼─────────┼────────────────┤
│ ┌── [\\x00, ∞)           │ black  │      1 │ ∞       │ all            │
│ [/pods/, /pods0)        │ black  │      3 │ ∞       │ pods, pods-too │
│ └── /pods/web-0         │ black  │      2 │ /y      │ web-0          │
│     └── [/x\\x1b[2J, /y) │ red    │      1 │ /y      │ x              │
└─────────────────────────┴────────┴────────┴─────────┴────────────────┘
4 intervals of 5 watchers, height 3 of at most 5
`,
  );
  t.equal(
    await tree('fields'),
    `"Watchers" : 5
"Len" : 4
"Height" : 3
"MaxHeight" : 5

"Begin" : "\\x00"
"End" : ""
"MaxEnd" : ""
"Colour" : "black"
"Height" : 1
"Watcher" : "all"

"Begin" : "/pods/"
"End" : "/pods0"
"MaxEnd" : ""
"Colour" : "black"
"Height" : 3
"Watcher" : "pods"
"Watcher" : "pods-too"

"Begin" : "/pods/web-0"
"End" : "/pods/web-0\\x00"
"MaxEnd" : "/y"
"Colour" : "black"
"Height" : 2
"Watcher" : "web-0"

"Begin" : "/x\\x1b[2J"
"End" : "/y"
"MaxEnd" : "/y"
"Colour" : "red"
"Height" : 1
"Watcher" : "x"
`,
  );
});

t.test('on a terminal the same in colour, unless NO_COLOR is set', async (t) => {
  const db = await watched(t);
  const piped = (await runCli(['tree', '--db', db])).stdout;
  const shown = (await runCli(['tree', '--db', db], { isTTY: true })).stdout;
  t.ok(shown.includes('\x1b[31m[/x\\x1b[2J, /y)\x1b[39m'), 'a red node is red');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  t.equal(shown.replace(/\x1b\[\d+m/g, ''), piped);
  t.equal((await runCli(['tree', '--db', db], { isTTY: true, env: { NO_COLOR: '1' } })).stdout, piped);
  t.equal((await runCli(['tree', '--db', db], { isTTY: true, env: { TERM: 'dumb' } })).stdout, piped);
});

t.test('--stab says which watchers a key reaches, in the order of their ranges', async (t) => {
  const db = await watched(t);
  const stab = (key: string, format = 'simple') => stdoutOf(t, ['tree', '--stab', key, '--db', db, '-w', format]);
  t.equal(await stab('/pods/web-0'), 'all\npods\npods-too\nweb-0\n');
  t.equal(await stab('/pods/web-00'), 'all\npods\npods-too\n');
  t.equal(await stab('/pods0'), 'all\n');
  t.equal(await stab(''), '');
  t.equal(
    await stab('/pods/web-0', 'json'),
    '{"key":"L3BvZHMvd2ViLTA=","watchers":[{"name":"all","begin":"AA==","end":null},' +
      '{"name":"pods","begin":"L3BvZHMv","end":"L3BvZHMw"},{"name":"pods-too","begin":"L3BvZHMv","end":"L3BvZHMw"},' +
      '{"name":"web-0","begin":"L3BvZHMvd2ViLTA=","end":"L3BvZHMvd2ViLTAA"}]}\n',
  );
  t.equal(await stab('/x', 'fields'), '"Watcher" : "all"\n"Begin" : "\\x00"\n"End" : ""\n\n');
  t.equal(
    await stab('/xy', 'table'),
    `┌─────────┬─────────────────┐
│ WATCHER │    INTERVAL     │
├─────────┼─────────────────┤
│ all     │ [\\x00, ∞)       │
│ x       │ [/x\\x1b[2J, /y) │
└─────────┴─────────────────┘
`,
  );
});

t.test('--watch adds ranges that are not registered', async (t) => {
  const db = await newDatabase(t, () => undefined);
  t.equal(
    await stdoutOf(t, ['tree', '--db', db, '--watch', 'key=b', '--watch', 'name=a,key=a,end=c']),
    `2 intervals of 2 watchers, height 2 of at most 3

┌── [a, c)  height 1  red    a
b           height 2  black  watch1
`,
  );
  t.strictSame(await runCli(['tree', '--db', db, '--watch', 'key=b', '--watch', 'name=watch1,key=c']), {
    exitCode: 2,
    stdout: '',
    stderr: `Error: two watchers are named "watch1"
Hint: give each watcher a name of its own, other than the registered ones
`,
  });
  t.strictSame(await runCli(['tree', '--db', db, '--watch', 'prefix']), {
    exitCode: 2,
    stdout: '',
    stderr: `Error: --watch "prefix": key= is missing
Hint: fields are name=, key=, end=, rev=, filter=put|delete, stream=, and prefix, fromKey, prevKv, progressNotify, fragment
`,
  });
});

// Node replaces bytes that are not UTF-8, so the command once asked for another key without saying so.
t.test('bytes that are not UTF-8 are refused', async (t) => {
  const db = await newDatabase(t, () => undefined);
  const cases: [args: string[], hint: string][] = [
    [['--stab', 'k\udcff'], 'give keys of any bytes in hexadecimal, with --key-hex'],
    [['--watch', 'key=k\udcff'], 'write other bytes of a key as \\xNN'],
  ];
  for (const [args, hint] of cases) {
    const stderr = `Error: an argument is not UTF-8\nHint: ${hint}\n`;
    t.strictSame(await runCli(['tree', '--db', db, ...args]), { exitCode: 2, stdout: '', stderr });
  }
});

t.test('without any watcher the tree is empty, and stderr says why', async (t) => {
  const db = await newDatabase(t, () => undefined);
  const stderr = 'Hint: there are no watchers: register some with mvccw watcher add, or give --watch\n';
  const cases: [string[], string][] = [
    [['tree'], '0 intervals of 0 watchers, height 0 of at most 0\n'],
    [['tree', '-w', 'json'], '{"watchers":0,"len":0,"height":0,"maxHeight":0,"root":null}\n'],
    [['tree', '--stab', 'a'], ''],
  ];
  for (const [args, stdout] of cases) {
    t.strictSame(await runCli([...args, '--db', db]), { exitCode: 0, stdout, stderr }, args.join(' '));
  }
});

t.test('an etcd file has no watchers of its own, and is left as it is', async (t) => {
  const file = unpackSnapshot('fresh-35', temporaryFolder(t));
  const before = readFileSync(file);
  t.equal(
    await stdoutOf(t, ['tree', '--db', file, '--watch', 'name=pods,key=/registry/pods/,prefix']),
    `1 interval of 1 watcher, height 1 of at most 2

[/registry/pods/, /registry/pods0)  height 1  black  pods
`,
  );
  t.match(await runCli(['tree', '--db', file]), { exitCode: 0, stderr: /^Hint: there are no watchers/ });
  t.ok(readFileSync(file).equals(before));
});
