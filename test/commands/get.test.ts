import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

/** Returns a database with key1 to key4, key2 twice, at revisions 2 to 6, and \xff\x1b[31m with a UTF-8 value at 7. */
function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (const [key, value] of [
      ['key1', 'd'],
      ['key2', 'x'],
      ['key3', 'b'],
      ['key4', 'a'],
      ['key2', 'c'],
      ['\xff\x1b[31m', 'caf\xc3\xa9\n\\'],
    ] as const) {
      store.write((txn) => txn.put(key, Buffer.from(value, 'latin1')));
    }
  });
}

t.test('which keys, in which order', async (t) => {
  const db = await filled(t);
  const keys = async (...args: string[]) => {
    const out = await stdoutOf(t, ['--db', db, 'get', ...args, '-w', 'json']);
    const { kvs = [] } = JSON.parse(out) as { kvs?: { key: string }[] };
    return kvs.map(({ key }) => Buffer.from(key, 'base64').toString('latin1').slice(-1)).join('');
  };
  const table: [args: string[], keys: string][] = [
    [['key2'], '2'],
    [['nothing'], ''],
    [['key2', 'key4'], '23'],
    [['key2', ''], '2'],
    [['key4', 'key2'], ''],
    [['key', '--prefix'], '1234'],
    [['', '--prefix'], '1234m'],
    [['key3', '--from-key'], '34m'],
    [['', '--from-key', '--limit', '2'], '12'],
    [['key', '--prefix', '--rev', '3'], '12'],
    [['key', '--prefix', '--rev', '0'], '1234'],
    [['key', '--prefix', '--order', 'DESCEND'], '4321'],
    [['key', '--prefix', '--order', 'descend', '--sort-by', 'value'], '1234'],
    [['key', '--prefix', '--sort-by', 'VALUE'], '4321'],
    [['key', '--prefix', '--sort-by', 'MODIFY', '--limit', '3'], '134'],
    [['key', '--prefix', '--sort-by', 'VERSION', '--order', 'DESCEND', '--limit', '1'], '2'],
    [['key', '--prefix', '--min-mod-rev', '5'], '24'],
    [['key', '--prefix', '--max-mod-rev', '5', '--order=DESCEND'], '431'],
    [['key', '--prefix', '--min-create-rev', '3', '--max-create-rev', '4'], '23'],
    [['key1', '--consistency', 's'], '1'],
  ];
  for (const [args, wanted] of table) t.equal(await keys(...args), wanted, args.join(' '));
});

t.test('each format', async (t) => {
  const db = await filled(t);
  const get = (...args: string[]) => stdoutOf(t, ['--db', db, 'get', ...args]);
  t.equal(await get('key1'), 'key1\nd\n');
  t.equal(await get('key1', '--keys-only'), 'key1\n\n');
  t.equal(await get('key1', '--print-value-only'), 'd\n');
  t.equal(await get('key1', '--hex'), '\\x6b\\x65\\x79\\x31\n\\x64\n');
  t.equal(await get('--hex', 'key1', '--print-value-only'), '\\x64\n');
  t.equal(await get('none', '-w', 'json'), '{"header":{"revision":7}}\n');
  t.equal(
    await get('key', '--prefix', '--limit', '1', '-w', 'json'),
    '{"header":{"revision":7},"kvs":[{"key":"a2V5MQ==","create_revision":2,"mod_revision":2,"version":1,"value":"ZA=="}],"more":true,"count":4}\n',
  );
  t.match(await get('key', '--prefix', '--limit', '1', '-w', 'fields'), /^"More" : true\n"Count" : 4\n$/m);
  t.equal(
    await get('key2', '--keys-only', '-w', 'table'),
    `┌──────┬────────────┬─────────┬─────────┬───────┐
│ KEY  │ CREATE REV │ MOD REV │ VERSION │ LEASE │
├──────┼────────────┼─────────┼─────────┼───────┤
│ key2 │          3 │       6 │       2 │       │
└──────┴────────────┴─────────┴─────────┴───────┘
`,
  );
  t.match(await get('key', '--prefix', '--limit', '1', '-w', 'table'), /\nThere are more: 4 in the range\.\n$/);
  for (const [format, count] of [
    ['simple', '5\n'],
    ['json', '{"header":{"revision":7},"count":5}\n'],
    ['fields', '"Revision" : 7\n"More" : false\n"Count" : 5\n'],
    ['table', /│ +5 │/],
  ] as const) {
    t.match(await get('', '--prefix', '--count-only', '-w', format), count);
  }
});

t.test('into a pipe bytes go raw; on a terminal, and in a table, nothing steers', async (t) => {
  const db = await filled(t);
  const get = async (args: string[], isTTY: boolean) =>
    (await runCli(['--db', db, 'get', '\x7f', '--from-key', ...args], { isTTY, encoding: 'latin1' })).stdout;
  t.equal(await get([], false), '\xff\x1b[31m\ncaf\xc3\xa9\n\\\n');
  t.equal(await get([], true), '\\xff\\x1b[31m\ncaf\xc3\xa9\\n\\\\\n');
  t.equal(await get(['--print-value-only'], true), 'caf\xc3\xa9\\n\\\\\n');
  t.match(await get(['-w', 'table'], false), '│ \\xff\\x1b[31m │'.replaceAll('│', '\xe2\x94\x82'));
  t.match(await get(['-w', 'fields'], false), '"Key" : "\\xff\\x1b[31m"');
});

t.test('lease ids above 2^53 keep their digits', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.grantLease(0x7fffffffffffffffn, 60);
    store.write((txn) => txn.put('k', Buffer.from('v'), 0x7fffffffffffffffn));
  });
  t.match(await stdoutOf(t, ['--db', db, 'get', 'k', '-w', 'json']), '"lease":9223372036854775807}');
});

t.test('refused', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let i = 0; i < 5; i++) store.write((txn) => txn.put('k', Buffer.from(String(i))));
    store.compact(4);
  });
  const table: [args: string[], exitCode: number, stderr: RegExp][] = [
    [[], 2, /missing required argument 'key'/],
    [[''], 2, /^Error: key is not provided\n/],
    [['a', 'b', 'c'], 2, /too many arguments/],
    [['a', 'b', '--prefix'], 2, /too many arguments, only accept one argument when/],
    [['a', '--prefix', '--from-key'], 2, /cannot be set at the same time, choose one/],
    [['a', '--keys-only', '--count-only'], 2, /cannot be set at the same time, choose one/],
    [['a', '--print-value-only', '-w', 'json'], 2, /--print-value-only is only for `--write-out=simple`/],
    [['a', '--hex', '-w', 'fields'], 2, /--hex is not for `--write-out=fields`/],
    [['a', '--order', 'UP'], 2, /^Error: bad sort order "UP"\nHint: choose one of ASCEND, DESCEND\n/],
    [['a', '--sort-by', 'SIZE'], 2, /^Error: bad sort target "SIZE"\nHint: choose one of CREATE, /],
    [['a', '--limit', 'x'], 2, /^Error: --limit: "x" is not a whole number from 0 on\n/],
    [['a', '--rev=-1'], 2, /^Error: --rev: "-1" is not a whole number from 0 on\n/],
    [['a', '--consistency', 'x'], 2, /bad value of --consistency "x"\nHint: choose one of l, s/],
    [['a', '--rev', '9007199254740992'], 2, /^Error: --rev: 9007199254740992 is too large; the largest is /],
    [['a', '--rev', '3'], 4, /^Error: revision 3 has been compacted: the oldest is 4\n/],
    [['a', '--rev', '9'], 4, /^Error: revision 9 is in the future: the newest is 6\n/],
  ];
  for (const [args, exitCode, stderr] of table) {
    const run = await runCli(['--db', db, 'get', ...args]);
    t.equal(run.exitCode, exitCode, args.join(' '));
    t.equal(run.stdout, '');
    t.match(run.stderr, stderr);
  }
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'k', '--rev', '4']), 'k\n2\n', 'the compact revision itself');
});

t.test('an etcd file is read as it is', async (t) => {
  const file = unpackSnapshot('small-35', temporaryFolder(t));
  const { header, count } = JSON.parse(await stdoutOf(t, ['--db', file, 'get', '', '--prefix', '-w', 'json'])) as {
    header: { revision: number };
    count: number;
  };
  t.ok(header.revision > 1);
  t.equal(await stdoutOf(t, ['--db', file, 'get', '', '--prefix', '--count-only']), `${count}\n`);
});

t.test('no database', async (t) => {
  const { exitCode, stderr } = await runCli(['--db', `${temporaryFolder(t)}/none`, 'get', 'k']);
  t.equal(exitCode, 5);
  t.match(stderr, /^Error: there is no database at /);
});

t.test('a reader that has gone away is no failure', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.write((txn) => {
      for (let i = 0; i < 2000; i++) txn.put(`key${i}`, Buffer.alloc(200, 'v'));
    });
  });
  const { exitCode, stderr } = await runCli(['--db', db, 'get', '', '--prefix'], { closeAfterBytes: 1000 });
  t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' });
});

t.test('without values, whatever is read and however it is sorted', async (t) => {
  const db = await filled(t);
  const cases = [['key2'], ['key2', 'key4'], ['key', '--prefix'], ['key3', '--from-key']];
  for (const args of [...cases, ['key', '--prefix', '--sort-by', 'VALUE'], ['key', '--prefix', '--order', 'DESCEND']]) {
    const all = JSON.parse(await stdoutOf(t, ['--db', db, 'get', ...args, '-w', 'json']));
    const keys = JSON.parse(await stdoutOf(t, ['--db', db, 'get', ...args, '--keys-only', '-w', 'json']));
    const expected = all.kvs.map(({ value: _, ...kv }: { value: string }) => kv);
    t.strictSame(keys, { ...all, kvs: expected }, args.join(' '));
  }
});
