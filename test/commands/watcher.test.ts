import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { addWatchSpec } from '../../src/requests/watch-spec.js';
import { newDatabase, runCli, stdoutOf, tamper, temporaryFolder } from '../support/run-cli.js';

async function registered(t: Test): Promise<string> {
  const db = await newDatabase(t, () => undefined);
  for (const args of [
    ['pods', '/registry/pods/', '--prefix', '--rev', '5', '--stream', 's1'],
    ['a-to-f', '/a', '/f', '--filter', 'delete', '--prev-kv'],
    ['one', '/one'],
    ['all', '', '--prefix'],
  ]) {
    await stdoutOf(t, ['watcher', 'add', ...args, '--db', db]);
  }
  return db;
}

t.test('add says what it did, and makes the database if there is none', async (t) => {
  const db = join(temporaryFolder(t), 'new.db');
  const add = (...args: string[]) => stdoutOf(t, ['watcher', 'add', '--db', db, ...args]);
  t.equal(await add('pods', '/registry/pods/', '--prefix'), 'Watcher pods added\n');
  t.equal(
    await add('x', '/x', '-w', 'json', '--filter', 'put', '--filter', 'delete'),
    '{"name":"x","key":"L3g=","filters":["put","delete"],"prevKv":false}\n',
  );
  t.equal(
    await add('y', '/y', '--from-key', '-w', 'fields'),
    '"Name" : "y"\n"Key" : "/y"\n"RangeEnd" : "\\x00"\n"PrevKv" : false\n\n',
  );
  t.equal(
    await add('z', '/z', '', '-w', 'table'),
    `┌──────┬─────┬───────────┬───────────┬─────────┬─────────┬────────┐
│ NAME │ KEY │ RANGE END │ START REV │ FILTERS │ PREV KV │ STREAM │
├──────┼─────┼───────────┼───────────┼─────────┼─────────┼────────┤
│ z    │ /z  │           │           │         │ false   │        │
└──────┴─────┴───────────┴───────────┴─────────┴─────────┴────────┘
`,
    'an empty range end is none',
  );
  t.equal(
    await stdoutOf(t, ['watcher', 'list', '--db', db]),
    `name=pods,key=/registry/pods/,prefix
name=x,key=/x,filter=put,filter=delete
name=y,key=/y,fromKey
name=z,key=/z
`,
  );
});

t.test('list, in each format', async (t) => {
  const db = await registered(t);
  const list = (format: string) => stdoutOf(t, ['watcher', 'list', '--db', db, '-w', format]);
  t.equal(
    await list('simple'),
    `name=a-to-f,key=/a,end=/f,filter=delete,prevKv
name=all,key=\\x00,fromKey
name=one,key=/one
name=pods,key=/registry/pods/,prefix,rev=5,stream=s1
`,
  );
  t.equal(
    await list('json'),
    `[${[
      '{"name":"a-to-f","key":"L2E=","rangeEnd":"L2Y=","filters":["delete"],"prevKv":true}',
      '{"name":"all","key":"AA==","rangeEnd":"AA==","filters":[],"prevKv":false}',
      '{"name":"one","key":"L29uZQ==","filters":[],"prevKv":false}',
      '{"name":"pods","key":"L3JlZ2lzdHJ5L3BvZHMv","rangeEnd":"L3JlZ2lzdHJ5L3BvZHMw","startRev":5,"filters":[],"prevKv":false,"stream":"s1"}',
    ].join(',')}]\n`,
  );
  t.equal(
    await list('fields'),
    `"Name" : "a-to-f"
"Key" : "/a"
"RangeEnd" : "/f"
"Filter" : "delete"
"PrevKv" : true

"Name" : "all"
"Key" : "\\x00"
"RangeEnd" : "\\x00"
"PrevKv" : false

"Name" : "one"
"Key" : "/one"
"PrevKv" : false

"Name" : "pods"
"Key" : "/registry/pods/"
"RangeEnd" : "/registry/pods0"
"StartRev" : 5
"PrevKv" : false
"Stream" : "s1"

`,
  );
  t.equal(
    await list('table'),
    `┌────────┬─────────────────┬─────────────────┬───────────┬─────────┬─────────┬────────┐
│  NAME  │       KEY       │    RANGE END    │ START REV │ FILTERS │ PREV KV │ STREAM │
├────────┼─────────────────┼─────────────────┼───────────┼─────────┼─────────┼────────┤
│ a-to-f │ /a              │ /f              │           │ delete  │ true    │        │
│ all    │ \\x00            │ ∞               │           │         │ false   │        │
│ one    │ /one            │                 │           │         │ false   │        │
│ pods   │ /registry/pods/ │ /registry/pods0 │         5 │         │ false   │ s1     │
└────────┴─────────────────┴─────────────────┴───────────┴─────────┴─────────┴────────┘
`,
  );
});

t.test('a line of the list can be given to --watch', async (t) => {
  const from = await registered(t);
  const lines = (await runCli(['watcher', 'list', '--db', from])).stdout.trimEnd().split('\n');
  const args = ['tree', '-w', 'json'];
  const to = await newDatabase(t, () => undefined);
  const pasted = await runCli([...args, '--db', to, ...lines.flatMap((line) => ['--watch', line])]);
  t.equal(pasted.stdout, (await runCli([...args, '--db', from])).stdout);
});

t.test('remove', async (t) => {
  const db = await registered(t);
  const watcher = (...args: string[]) => stdoutOf(t, ['watcher', ...args, '--db', db]);
  t.equal(await watcher('remove', 'pods'), 'Watcher pods removed\n');
  t.equal(await watcher('remove', 'one', '-w', 'json'), '{"name":"one"}\n');
  t.equal(await watcher('remove', 'all', '-w', 'fields'), '"Name" : "all"\n\n');
  t.equal(await watcher('list'), 'name=a-to-f,key=/a,end=/f,filter=delete,prevKv\n');
  t.equal(
    await watcher('remove', 'a-to-f', '-w', 'table'),
    '┌─────────┐\n│ REMOVED │\n├─────────┤\n│ a-to-f  │\n└─────────┘\n',
  );
  const stderr = 'Hint: no watchers are registered: add one with mvccw watcher add\n';
  t.strictSame(await runCli(['watcher', 'list', '--db', db]), { exitCode: 0, stdout: '', stderr });
  t.strictSame(await runCli(['watcher', 'list', '--db', db, '-w', 'json']), { exitCode: 0, stdout: '[]\n', stderr });
});

// Such a name was once refused only by a replay, whose message did not say that the database held it.
t.test('a name that was let in before is listed, told by a replay, and can be removed', async (t) => {
  const db = await newDatabase(t, ({ backend }) => {
    backend.transaction(() => addWatchSpec(backend.tables.watch, { name: '*', key: 'a', filters: [], prevKv: false }));
  });
  t.equal(await stdoutOf(t, ['watcher', 'list', '--db', db]), 'name=*,key=a\n');
  for (const command of ['replay', 'tree']) {
    t.strictSame(await runCli([command, '--db', db]), {
      exitCode: 2,
      stdout: '',
      stderr: `Error: no watcher can be named *
Hint: a response of that name speaks for all watchers of a stream; remove it with: mvccw watcher remove '*'
`,
    });
  }
  t.equal(await stdoutOf(t, ['watcher', 'remove', '*', '--db', db]), 'Watcher * removed\n');
});

t.test('what cannot be done', async (t) => {
  const db = await registered(t);
  const snapshot = join(temporaryFolder(t), 'snapshot.db');
  writeFileSync(snapshot, 'an etcd file, for all that a writer needs to know');
  const nowhere = join(temporaryFolder(t), 'nowhere');
  const cases: { args: string[]; exitCode: number; stderr: string }[] = [
    {
      args: ['add', 'pods', '/x', '--db', db],
      exitCode: 2,
      stderr: `Error: a watcher named "pods" is already registered
Hint: choose another name, or remove it first with: mvccw watcher remove
`,
    },
    {
      args: ['add', '', '/x', '--db', db],
      exitCode: 2,
      stderr: `Error: "" cannot be the name of a watcher
Hint: a name has 1 to 512 bytes of text without control characters
`,
    },
    {
      args: ['add', 'x\ny', '/x', '--db', db],
      exitCode: 2,
      stderr: `Error: "x\\ny" cannot be the name of a watcher
Hint: a name has 1 to 512 bytes of text without control characters
`,
    },
    {
      args: ['add', 'n'.repeat(513), '/x', '--db', db],
      exitCode: 2,
      stderr: `Error: "${'n'.repeat(513)}" cannot be the name of a watcher
Hint: a name has 1 to 512 bytes of text without control characters
`,
    },
    {
      args: ['add', '*', '/x', '--db', db],
      exitCode: 2,
      stderr: `Error: no watcher can be named *
Hint: a response of that name speaks for all watchers of a stream
`,
    },
    {
      args: ['add', 'x', '/x', '--stream', '', '--db', db],
      exitCode: 2,
      stderr: `Error: "" cannot be the name of a stream
Hint: a name has 1 to 512 bytes of text without control characters
`,
    },
    ...[
      ['caf\udcff', '/x'],
      ['x', '/x', '--stream', 'caf\udcff'],
    ].map((args) => ({
      args: ['add', ...args, '--db', db],
      exitCode: 2,
      stderr: 'Error: an argument is not UTF-8\nHint: the names of watchers and of streams are text\n',
    })),
    ...[
      ['x', '/x\udcff'],
      ['x', '/x', '/y\udcff'],
    ].map((args) => ({
      args: ['add', ...args, '--db', db],
      exitCode: 2,
      stderr: `Error: an argument is not UTF-8
Hint: give keys of any bytes in hexadecimal, with --key-hex
`,
    })),
    { args: ['add', 'x', '', '--db', db], exitCode: 2, stderr: 'Error: key is not provided\n' },
    {
      args: ['add', 'x', '/b', '/a', '--db', db],
      exitCode: 2,
      stderr: `Error: the watch range is empty: its end is not above its key
Hint: a range is [KEY, RANGE_END); leave the end out for one key
`,
    },
    {
      args: ['add', 'x', '/b', '/c', '--prefix', '--db', db],
      exitCode: 2,
      stderr: 'Error: too many arguments, only accept one argument when `--prefix` or `--from-key` is set\n',
    },
    {
      args: ['add', 'x', '/b', '--prefix', '--from-key', '--db', db],
      exitCode: 2,
      stderr: 'Error: `--prefix` and `--from-key` cannot be set at the same time, choose one\n',
    },
    {
      args: ['add', 'x', '/b', '--rev', '-1', '--db', db],
      exitCode: 2,
      stderr: `Error: --rev: "-1" is not a whole number from 0 on
`,
    },
    {
      args: ['add', 'x', '/b', '--filter', 'noput', '--db', db],
      exitCode: 2,
      stderr: `Error: filter "noput" is not known
Hint: a filter names the events to leave out: put or delete
`,
    },
    {
      args: ['add', 'x', '/b', '--db', snapshot],
      exitCode: 2,
      stderr: `Error: ${snapshot} is a file: mvccw writes only to databases of its own
Hint: make one of it with: mvccw import ${snapshot} --db DIR
`,
    },
    {
      args: ['add', 'x', '--db', db],
      exitCode: 2,
      stderr: `Error: missing required argument 'key'
Usage: mvccw watcher add [options] <name> <key> [range_end]
See 'mvccw watcher add --help'
`,
    },
    {
      args: ['add', 'x', '/a', '/b', '/c', '--db', db],
      exitCode: 2,
      stderr: `Error: too many arguments for 'add'. Expected 3 arguments but got 4.
Usage: mvccw watcher add [options] <name> <key> [range_end]
See 'mvccw watcher add --help'
`,
    },
    {
      args: ['remove', 'nobody', '--db', db],
      exitCode: 4,
      stderr: `Error: no watcher named "nobody" is registered
Hint: see the names with: mvccw watcher list
`,
    },
    {
      args: ['remove', '', '--db', db],
      exitCode: 4,
      stderr: `Error: no watcher named "" is registered
Hint: see the names with: mvccw watcher list
`,
    },
  ];
  const before = (await runCli(['watcher', 'list', '--db', db])).stdout;
  for (const { args, exitCode, stderr } of cases) {
    t.strictSame(await runCli(['watcher', ...args]), { exitCode, stdout: '', stderr }, args.join(' '));
  }
  t.equal((await runCli(['watcher', 'list', '--db', db])).stdout, before, 'nothing was registered');
  t.match(await runCli(['watcher', 'remove', 'x', '--db', nowhere]), {
    exitCode: 5,
    stderr: `Error: there is no database at ${nowhere}\nHint: `,
  });
  t.notOk(existsSync(nowhere), 'and no database made');
});

t.test('a registered watcher that cannot be read is an error, and can be removed', async (t) => {
  const db = await registered(t);
  tamper(db, ({ tables }) => tables.watch.put(Buffer.from('bad'), Buffer.from('{')));
  t.match(await runCli(['watcher', 'list', '--db', db]), {
    exitCode: 3,
    stderr: /^Error: registered watcher "bad" cannot be read\nCaused by: /,
  });
  t.match(await runCli(['watcher', 'remove', 'bad', '--db', db]), { exitCode: 0 });
  t.match(await runCli(['watcher', 'list', '--db', db]), { exitCode: 0 });
});
