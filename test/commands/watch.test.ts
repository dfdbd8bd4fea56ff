// These tests run mvccw watch as a whole command; test/storage and test/attack cover what it does across processes.

import t from 'tap';
import { LiveCli, liveDatabase } from '../support/live-cli.js';
import { projectFile } from '../support/root.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';

t.test('history and what comes, without a seam', async (t) => {
  const { path, store, put, watch } = liveDatabase(t);
  put('a');
  put('other');
  const cli = watch('a', '--rev', '1', '-w', 'json');
  await cli.waitFor(() => cli.lines.length === 1);
  for (let i = 0; i < 50; i++) put('a', String(i));
  store.write((txn) => {
    txn.put('b', Buffer.from('no'));
    txn.deleteRange('a');
  });
  const newest = store.currentRev;
  await cli.waitFor(() => cli.lines.at(-1)?.Header.revision === newest);
  const revisions = cli.lines.flatMap(({ Events }) => Events.map(({ kv }) => kv.mod_revision));
  t.same(revisions, [2, ...Array.from({ length: 51 }, (_, i) => i + 4)]);
  t.equal(await cli.interrupt(), 130);
  t.equal(cli.stderr, '');
  t.same(await runCli(['--db', path, 'get', 'a']), { exitCode: 0, stdout: '', stderr: '' });
});

t.test('formats', async (t) => {
  const { put, store, watch } = liveDatabase(t);
  put('k', 'one');
  const commands = [[], ['-w', 'json'], ['-w', 'fields']].map((format) =>
    watch('k', '--rev', '1', '--prev-kv', ...format),
  );
  for (const cli of commands) await cli.waitFor(() => cli.stdout !== '');
  put('k', 'two\n\xff');
  store.write((txn) => txn.deleteRange('k'));
  for (const cli of commands) await cli.waitFor(() => /(DELETE|"type":1)[\s\S]*\n$/.test(cli.stdout));
  for (const cli of commands) await cli.interrupt();
  const [simple, json, fields] = commands.map(({ stdout }) => stdout);
  t.equal(simple, 'PUT\nk\none\nPUT\nk\none\nk\ntwo\n\ufffd\nDELETE\nk\ntwo\n\ufffd\nk\n\n');
  t.equal(
    json!.split('\n')[1],
    '{"Header":{"revision":3},"Events":[{"kv":{"key":"aw==","create_revision":2,"mod_revision":3,"version":2,"value":"dHdvCv8="},"prev_kv":{"key":"aw==","create_revision":2,"mod_revision":2,"version":1,"value":"b25l"}}],"CompactRevision":0,"Canceled":false,"Created":false}',
  );
  t.match(fields, '"Revision" : 3\n"Type" : PUT\n"PrevKey" : "k"\n');
  t.match(fields, '"Key" : "k"\n"CreateRevision" : 2\n"ModRevision" : 3\n"Version" : 2\n"Value" : "two\\n\\xff"\n');
  const table = await runCli(['watch', 'k', '-w', 'table']);
  t.match(table, { exitCode: 2, stdout: '', stderr: /^Error: table is not supported as output format here\nHint: / });
});

t.test('on a terminal nothing steers it', async (t) => {
  const { path, put } = liveDatabase(t);
  put('k', '\x1b[31mred\r\n');
  const cli = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1'], { isTTY: true });
  await cli.waitFor('red');
  await cli.interrupt();
  t.equal(cli.stdout, '\x1b[32mPUT\x1b[39m\nk\n\\x1b[31mred\\r\\n\n');
  const hex = new LiveCli(['--db', path, '--hex', 'watch', 'k', '--rev', '1']);
  await hex.waitFor('PUT');
  await hex.interrupt();
  t.equal(hex.stdout, 'PUT\n\\x6b\n\\x1b\\x5b\\x33\\x31\\x6d\\x72\\x65\\x64\\x0d\\x0a\n');
});

t.test('ranges and filters', async (t) => {
  const { put, store, watch } = liveDatabase(t);
  for (const key of ['a', 'a1', 'b', 'c']) put(key);
  store.write((txn) => txn.deleteRange('a', ''));
  const rows: [argv: string[], wanted: string][] = [
    [['a', '--prefix'], 'PUT a,PUT a1,DELETE a,DELETE a1'],
    [['a1', 'c'], 'PUT a1,PUT b,DELETE a1,DELETE b'],
    [['b', '--from-key'], 'PUT b,PUT c,DELETE b,DELETE c'],
    [['', '--prefix', '--filter', 'delete', '--rev', '4'], 'PUT b,PUT c'],
    [['', '--prefix', '--filter', 'put'], 'DELETE a,DELETE a1,DELETE b,DELETE c'],
  ];
  const running = rows.map(([argv]) => watch('--rev', '1', ...argv));
  for (const [i, [argv, wanted]] of rows.entries()) {
    const cli = running[i]!;
    await cli.waitFor(() => cli.stdout.split('\n').length > wanted.split(',').length * 3);
    await cli.interrupt();
    const got = [...cli.stdout.matchAll(/^(PUT|DELETE)\n(.*)\n.*\n/gm)].map(([, type, key]) => `${type} ${key}`);
    t.equal(got.join(), wanted, argv.join(' '));
  }
});

t.test('a watch whose filters leave nothing still tells how far it has come', async (t) => {
  const { put, watch } = liveDatabase(t);
  for (let i = 0; i < 3; i++) put('k');
  const filters = ['--filter', 'put', '--filter', 'delete'];
  const cli = watch('k', '--rev', '1', ...filters, '--progress-notify', '--progress-interval', '1', '-w', 'json');
  await cli.waitFor(() => cli.lines.some(({ Header }) => Header.revision === 4));
  t.same(
    cli.lines.flatMap(({ Events }) => Events ?? []),
    [],
  );
  await cli.interrupt();
});

t.test('a future revision is waited for', async (t) => {
  const { put, watch } = liveDatabase(t);
  const cli = watch('k', '--rev', '4', '-w', 'json');
  await cli.started;
  for (let i = 0; i < 4; i++) put('k');
  await cli.waitFor(() => cli.lines.at(-1)?.Header.revision === 5);
  t.same(
    cli.lines.flatMap(({ Events }) => Events.map(({ kv }) => kv.mod_revision)),
    [4, 5],
  );
  await cli.interrupt();
});

t.test('a leap of many revisions', async (t) => {
  const { put, watch } = liveDatabase(t);
  const cli = watch('k', '-w', 'json');
  await cli.started;
  for (let i = 0; i < 3000; i++) put('k', String(i));
  await cli.waitFor(() => cli.lines.at(-1)?.Header.revision === 3001);
  const revisions = cli.lines.flatMap(({ Events }) => Events.map(({ kv }) => kv.mod_revision));
  t.equal(revisions.length, 3000);
  t.same(
    revisions,
    [...revisions].sort((a, b) => a - b),
  );
  await cli.interrupt();
});

t.test('compaction', async (t) => {
  const { put, store, watch } = liveDatabase(t);
  for (let i = 0; i < 5; i++) put('k');
  store.compact(4);
  const simple = watch('k', '--rev', '2');
  t.equal(await simple.exitCode, 4);
  t.equal(simple.stdout, '');
  t.equal(
    simple.stderr,
    'Error: watch was canceled (mvcc: required revision has been compacted)\nHint: the oldest that can be watched is --rev=4\n',
  );
  const json = watch('k', '--rev', '2', '-w', 'json');
  t.equal(await json.exitCode, 4);
  t.equal(json.stdout, '{"Header":{},"Events":[],"CompactRevision":4,"Canceled":true,"Created":false}\n');
  const kept = watch('k', '--rev', '4', '-w', 'json');
  await kept.waitFor(() => kept.lines.length === 1);
  store.compact(6);
  put('k');
  await kept.waitFor(() => kept.lines.length === 2);
  t.equal(await kept.interrupt(), 130, 'a compaction of what has been seen does no harm');
});

t.test('leases run out while it watches', async (t) => {
  const { path, store } = liveDatabase(t);
  let nowMs = 0;
  store.grantLease(1n, 2, 2000);
  store.write((txn) => txn.put('k', Buffer.from('v'), 1n));
  const cli = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1'], { now: () => nowMs });
  await cli.waitFor('PUT\nk\nv\n');
  nowMs = 2000;
  await cli.waitFor('DELETE\nk\n\n');
  t.equal(await cli.interrupt(), 130);
  t.equal(store.leases.has(1n), false);
});

t.test('leases run out while a command runs, or nobody reads', async (t) => {
  const { path, store, put } = liveDatabase(t);
  let nowMs = 0;
  store.grantLease(1n, 2, 2000);
  put('k');
  const cli = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1', '--', 'sleep', '1000'], { now: () => nowMs });
  await cli.waitFor('PUT\nk\nv\n');
  nowMs = 2000;
  await cli.waitFor(() => !store.leases.has(1n));
  store.grantLease(2n, 2, 4000);
  nowMs = 4000;
  await cli.waitFor(() => !store.leases.has(2n));
  t.equal(await cli.interrupt(), 130);

  const stuck = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1'], { now: () => nowMs, stuck: true });
  await stuck.started;
  store.grantLease(3n, 2, 6000);
  nowMs = 6000;
  await stuck.waitFor(() => !store.leases.has(3n));
  t.equal(stuck.stdout, '');
});

t.test('progress', async (t) => {
  const { put, watch } = liveDatabase(t);
  put('k');
  const formats = [[], ['-w', 'json'], ['-w', 'fields']].map((format) =>
    watch('nothing', '--progress-notify', '--progress-interval', '1', ...format),
  );
  for (const cli of formats) await cli.waitFor(() => cli.stdout !== '');
  for (const cli of formats) await cli.interrupt();
  const [simple, json, fields] = formats.map(({ stdout }) => stdout);
  t.match(simple, /^(progress notify: 2\n)+$/);
  t.match(json, /^({"Header":{"revision":2},"Events":\[\],"CompactRevision":0,"Canceled":false,"Created":false}\n)+$/);
  t.match(fields, /^("Revision" : 2\n)+$/);
});

t.test('a command for each event', async (t) => {
  const { path, put, store, watch } = liveDatabase(t);
  const script = `printf '%s\\n' "$ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE $ETCD_WATCH_REVISION $0 $MINE"`;
  put('k', 'va"l\n\xff');
  store.write((txn) => txn.deleteRange('k'));
  const cli = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1', '--', 'sh', '-c', script, '--rev'], {
    env: { PATH: '/usr/bin:/bin', MINE: 'mine' },
  });
  await cli.waitFor('"DELETE" "k"');
  await cli.interrupt();
  t.equal(
    cli.stdout,
    'PUT\nk\nva"l\n\ufffd\nDELETE\nk\n\n"PUT" "k" "va\\"l\\n\\xff" 3 --rev mine\n"DELETE" "k" "" 3 --rev mine\n',
  );
  const failing = watch('k', '--rev', '1', '--', 'sh', '-c', 'echo said >&2; exit 3');
  t.equal(await failing.exitCode, 1);
  t.equal(failing.stderr, 'said\ncommand ["sh" "-c" "echo said >&2; exit 3"] error (exit status 3)\n');
  const missing = watch('k', '--rev', '1', '--', 'no-such-command');
  t.equal(await missing.exitCode, 1);
  t.equal(
    missing.stderr,
    'command ["no-such-command"] error (exec: "no-such-command": executable file not found in $PATH)\n',
  );
  const killed = watch('k', '--rev', '1', '--', 'sh', '-c', 'kill -9 $$');
  t.equal(await killed.exitCode, 1);
  t.match(killed.stderr, /error \(signal: SIGKILL\)\n$/);
  const long = watch('k', '--rev', '1', '--', 'sleep', '1000');
  await long.waitFor('DELETE');
  t.equal(await long.interrupt(), 130, 'Ctrl-C ends the command too');
});

t.test('a command that the system refuses to start', async (t) => {
  const { path, put, watch } = liveDatabase(t);
  put('large', 'v'.repeat(200_000));
  const large = watch('large', '--rev', '1', '--', 'true');
  t.equal(await large.exitCode, 1);
  t.equal(
    large.stderr,
    'command ["true"] error (argument list too long): the PUT of "large" at revision 2, with a key of 5 and a value of 200000 bytes, is too large for environment variables\n',
  );
  put('k');
  const below = watch('k', '--rev', '1', '--', './package.json/x');
  t.equal(await below.exitCode, 1);
  t.equal(below.stderr, 'command ["./package.json/x"] error (not a directory)\n');
  const forbidden = watch('k', '--rev', '1', '--', './package.json');
  t.equal(await forbidden.exitCode, 1);
  t.equal(forbidden.stderr, 'command ["./package.json"] error (permission denied)\n');
  t.match(await runCli(['--db', path, 'watch', 'k', '--', '']), {
    exitCode: 2,
    stdout: '',
    stderr: /^Error: the command behind -- is empty\n$/,
  });
});

t.test('the key from the environment', async (t) => {
  const { path, put } = liveDatabase(t);
  put('a');
  put('b');
  for (const env of [{ MVCCW_WATCH_KEY: 'b' }, { ETCDCTL_WATCH_KEY: 'b', ETCDCTL_WATCH_RANGE_END: 'c' }]) {
    const cli = new LiveCli(['--db', path, 'watch', '--rev', '1'], { env });
    await cli.waitFor('PUT');
    await cli.interrupt();
    t.equal(cli.stdout, 'PUT\nb\nv\n');
    const conflict = await runCli(['--db', path, 'watch', 'a'], { env });
    t.match(conflict, { exitCode: 2, stderr: /^Error: bad number of arguments \(found conflicting environment key\)/ });
  }
});

t.test('interactive: to the end of a script', async (t) => {
  const { path, put } = liveDatabase(t);
  for (let i = 0; i < 1500; i++) put('k', String(i));
  const script = 'watch k --rev=1500\nprogress\n\nnonsense\nwatch k --rev=1501 -- echo done\n';
  const run = await runCli(['--db', path, 'watch', '-i'], { stdin: script });
  t.equal(run.exitCode, 0);
  t.match(run.stdout, /^PUT\nk\n1498\nPUT\nk\n1499\n/);
  t.match(run.stdout, 'progress notify: 1501\n');
  t.match(run.stdout, 'PUT\nk\n1499\ndone\n');
  t.match(run.stderr, /^invalid command: "nonsense" \(a line is: /);
  t.same(await runCli(['--db', path, 'watch', '-i']), { exitCode: 0, stdout: '', stderr: '' });
});

t.test('interactive: a watch that compaction has overtaken', async (t) => {
  const { path, put, store } = liveDatabase(t);
  for (let i = 0; i < 1500; i++) put('k', String(i));
  store.compact(1000);
  const compacted = await runCli(['--db', path, 'watch', '-i'], { stdin: 'watch k --rev=3\nwatch k --rev=1501\n' });
  t.equal(compacted.exitCode, 4);
  t.equal(compacted.stdout, 'PUT\nk\n1499\n', 'the other watch goes on');
  t.match(compacted.stderr, /^watch was canceled \(mvcc: required revision has been compacted\) \(the oldest /);
});

t.test('interactive: progress is answered once', async (t) => {
  const { path, put } = liveDatabase(t);
  put('k', '1');
  const stdin = 'watch k --rev=1\nwatch other\nwatch a z\nprogress\nprogress\n';
  const run = await runCli(['--db', path, 'watch', '-i'], { stdin });
  t.match(run, { exitCode: 0, stdout: 'PUT\nk\n1\nprogress notify: 2\nprogress notify: 2\n', stderr: '' });
});

t.test('interactive: typed', async (t) => {
  const { path, put } = liveDatabase(t);
  const cli = new LiveCli(['--db', path, 'watch', '-i'], { isTTY: true, env: { NO_COLOR: '1' } });
  await cli.waitFor(() => cli.stderr.startsWith('Type: watch '));
  cli.stdin.write('watch a\n');
  cli.stdin.write('watch b -- echo it is b\n');
  cli.stdin.write('progress\n');
  await cli.waitFor('progress notify');
  put('a');
  put('b');
  await cli.waitFor('it is b');
  put('a', 'last');
  cli.stdin.end();
  t.equal(await cli.exitCode, 0);
  t.match(cli.stdout, 'PUT\na\nlast\n', 'what is committed before Ctrl-D is shown');
  const failing = new LiveCli(['--db', path, 'watch', '-i']);
  failing.stdin.write('watch a --rev=1 -- false\n');
  t.equal(await failing.exitCode, 1, 'a failing command ends all');
});

t.test('a closed pipe', async (t) => {
  const { path, put } = liveDatabase(t);
  put('k');
  const cli = new LiveCli(['--db', path, 'watch', 'k', '--rev', '1'], { closeAfterBytes: 1 });
  await cli.waitFor('PUT');
  put('k');
  t.equal(await cli.exitCode, 0);
  t.equal(cli.stderr, '');
});

t.test('arguments that make no sense', async (t) => {
  const { path } = liveDatabase(t);
  const rows: [argv: string[], stderr: RegExp][] = [
    [[], /^Error: bad number of arguments\nHint: a watch has the form: watch KEY /],
    [['a', 'b', 'c'], /^Error: bad number of arguments\n/],
    [['a', '--'], /found separator --, but no commands/],
    [['b', 'a'], /^Error: the watch range is empty/],
    [['a', '--rev=-5'], /^Error: --rev: "-5" is not a whole number/],
    [['a', '--filter', 'get'], /^Error: filter "get" is not known/],
    [['a', '--progress-interval', '0'], /^Error: --progress-interval: "0" is not a whole number from 1 on/],
    [['a', '--prefix', '--from-key'], /cannot be set at the same time/],
    [['-i', 'foo'], /^Error: "foo" is not for -i, which reads watches from stdin\nHint: /],
    [['-i', '--prefix', '--rev', '4', 'foo'], /^Error: --prefix is not for -i/],
    [['-i', '--progress-notify'], /^Error: --progress-notify is not for -i/],
    [['a', '--hex', '-w', 'json'], /^Error: --hex is not for `--write-out=json`\nHint: /],
    [['a', '--nosuch'], /unknown option '--nosuch'/],
  ];
  for (const [argv, stderr] of rows) {
    t.match(await runCli(['--db', path, 'watch', ...argv]), { exitCode: 2, stdout: '', stderr }, argv.join(' '));
  }
});

t.test('the history of a file that does not change', async (t) => {
  const file = projectFile('fixtures/etcd-3.5.snapshot.db');
  const watch = (...argv: string[]) => runCli(['watch', '', '--prefix', '--db', file, ...argv]);
  const { exitCode, stdout, stderr } = await watch('--rev', '300', '-w', 'json');
  t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const { stdout: history } = await runCli([
    'history',
    '',
    '--prefix',
    '--from-rev',
    '300',
    '-w',
    'json',
    '--db',
    file,
  ]);
  t.same(
    lines(stdout).flatMap(({ Events }) => Events.map(({ kv }: { kv: { mod_revision: number } }) => kv.mod_revision)),
    lines(history).map(({ revision }) => revision.main),
  );
  t.match(await watch('--rev', '5'), { exitCode: 4, stdout: '', stderr: /can be watched is --rev=175\n$/ });
  t.match(await watch('--rev', '368'), { exitCode: 4, stdout: '', stderr: /revision 368 is in the future/ });
});

t.test('what cannot be watched', async (t) => {
  const missing = `${temporaryFolder(t)}/missing`;
  t.match(await runCli(['--db', missing, 'watch', 'k']), { exitCode: 5, stderr: /^Error: there is no database at / });
  t.match(await runCli(['--db', 'package.json', 'watch', 'k']), {
    exitCode: 2,
    stderr:
      /is a file: only a database of mvccw can be watched while it changes\nHint: .* mvccw replay --from-rev N\n$/,
  });
});
