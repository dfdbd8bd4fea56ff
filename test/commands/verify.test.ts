import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { dataDirectoryFile, unpackDataDirectory } from '../support/data-directories.js';
import fc from '../support/fast-check.js';
import { projectFile } from '../support/root.js';
import { importInto, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { expectedOf, unpackSnapshot } from '../support/snapshots.js';

/** Streams that were recorded from etcd 3.4.23, with a snapshot of the server at the end. */
const recorded = (name: string): string => projectFile(`fixtures/recorded/${name}.gz`);
const textOf = (name: string): string => gunzipSync(readFileSync(recorded(name))).toString();
const SNAPSHOT = projectFile('fixtures/recorded/snapshot.db.gz');

function fileOf(t: Test, text: string): string {
  const path = join(t.testdir(), 'stream.jsonl');
  writeFileSync(path, text);
  return path;
}

t.test('streams recorded from etcd', async (t) => {
  const of = (...argv: string[]) => runCli(['verify', ...argv, '--db', SNAPSHOT]);
  t.match(await of(recorded('etcdctl.jsonl'), '/a', '/z', '--rev', '1', '--prev-kv'), {
    exitCode: 0,
    stdout: /^48 events in 30 responses of 1 watch: no guarantee is broken$/m,
    stderr: '',
  });
  t.match(
    await of(recorded('gateway.jsonl'), '/', '0', '--rev', '2', '--prev-kv'),
    { exitCode: 0, stdout: /^48 events in 1 response of 1 watch/m },
    'a response in three messages',
  );
  t.match(await of(recorded('etcdctl.jsonl')), {
    exitCode: 0,
    stderr:
      /^Hint: \S+: watcher 1: the keys that it watched are taken to be \[\/a, \/pods\/seen\\x00\); .* begin at revision 2$/m,
  });
  t.match(
    await of(recorded('two-watches.jsonl'), '/pods/', '--prefix'),
    {
      exitCode: 1,
      stdout:
        /:16: watcher 1, revision 27, key \/pods\/missed: broke reliable .*\n.*lost 2 events: \/pods\/missed@27, \/pods\/missed@28\n29 events/,
    },
    'a recorder that was started again with >>',
  );
});

t.test('the same streams with a line changed, or without it', async (t) => {
  const lines = textOf('two-watches.jsonl').split('\n').slice(0, 15);
  const verify = (changed: readonly string[]) =>
    runCli(['verify', fileOf(t, changed.join('\n')), '/pods/', '--prefix', '--rev', '2', '--db', SNAPSHOT]);
  const at = (run: { stdout: string }) => /stream\.jsonl:(\d+): .* broke ([\w-]+) /.exec(run.stdout)?.slice(1);
  for (const nth of [3, 11]) {
    const without = await verify(lines.filter((_, i) => i !== nth));
    t.strictSame([without.exitCode, at(without)], [1, [String(nth + 1), 'reliable']]);
    const twice = await verify(lines.flatMap((line, i) => (i === nth ? [line, line] : [line])));
    t.strictSame([twice.exitCode, at(twice)], [1, [String(nth + 2), 'atomic']]);
    t.match(twice.stdout, /saw twice/);
    const lease = await verify(lines.map((line) => line.replace(/"lease":\d+(\d)/, (all) => `${all.slice(0, -1)}6`)));
    t.strictSame([lease.exitCode, at(lease)], [1, ['1', 'reliable']], 'a lease that differs in its last digit');
  }
});

/** Returns the values of a database, in base64, by the digests that stand for long ones in what was recorded. */
async function valuesByDigest(t: Test, db: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await stdoutOf(t, ['dump', '--db', db])).trimEnd().split('\n');
  const values = lines.flatMap((line) => /"value":"([^"]*)"/.exec(line)?.[1] ?? []);
  return new Map(
    values.map((value) => {
      const bytes = Buffer.from(value, 'base64');
      return [`sha256:${createHash('sha256').update(bytes).digest('hex')}:${bytes.length}`, value];
    }),
  );
}

t.test('the watches that etcdctl printed of snapshots', async (t) => {
  for (const name of ['small-34']) {
    const db = unpackSnapshot(name, temporaryFolder(t));
    const values = await valuesByDigest(t, db);
    for (const { args, responses } of expectedOf(name)!.watches!) {
      // Long integers stand as text there.
      const printed = responses.map((response) => JSON.stringify(response)).join('\n');
      const text = printed.replaceAll(/sha256:[0-9a-f]{64}:\d+/g, (digest) => values.get(digest)!);
      const run = await runCli(['verify', fileOf(t, text), ...args, '--db', db]);
      const [, compacted] = /"CompactRevision":([1-9]\d*)/.exec(text) ?? [];
      t.match(run, { exitCode: compacted === undefined ? 0 : 4, stderr: '' }, `${name}: ${args.join(' ')}`);
    }
  }
});

t.test('a replay is a recorded stream', async (t) => {
  const db = projectFile('fixtures/etcd-3.5.snapshot.db');
  const watchers = ['--watch', 'name=pods,key=/registry/pods/,prefix,prevKv', '--watch', 'name=a,key=a,filter=put'];
  const replay = ['replay', '--db', db, '--base-rev', '200', ...watchers, '-w', 'json'];
  const traced = await runCli([...replay, '--trace']);
  const described = await runCli(['verify', '-', '--db', db], { stdin: traced.stdout });
  t.match(described, { exitCode: 0, stderr: '', stdout: /watcher pods of \[\/registry\/pods\/, \/registry\/pods0\)/ });
  t.match(described.stdout, /watcher a of a from revision 175 on/);
  const imported = await importInto(t, db, temporaryFolder(t));
  t.match(await runCli(['verify', '-', '--db', imported], { stdin: traced.stdout }), described, 'in our own database');

  const plain = (await runCli(replay)).stdout;
  t.match(await runCli(['verify', fileOf(t, plain), '--db', db]), { exitCode: 0, stderr: /are taken to be/ });
  t.match(await runCli(['verify', '-', '--db', db], { stdin: plain }), {
    exitCode: 2,
    stderr: /the stream does not say what was watched.*\nHint: give KEY/,
  });
  t.match(await runCli(['verify', '-', '', '--prefix', '--db', db], { stdin: traced.stdout }), {
    exitCode: 2,
    stderr: /the stream itself says what was watched/,
  });
  t.match(await runCli(['verify', '-', '--prefix', '--db', db]), { exitCode: 2, stderr: /need its key/ });
});

t.test('a client that lists again after a compaction', async (t) => {
  const db = projectFile('fixtures/etcd-3.5.snapshot.db');
  const scenario = join(t.testdir(), 'scenario.yaml');
  writeFileSync(
    scenario,
    `history: {database: ${JSON.stringify(db)}}
base: 200
from: 190
arrivals: {perSecond: 100}
watchers: [{name: slow, key: /, prefix: true, prevKv: true}]
streams: {slow: {client: reflector, consumer: {every: 300ms}}}
actions: [{at: 900ms, compact: {behind: 2}}]
parameters: {chanBufLen: 2}
`,
  );
  const traced = await runCli(['replay', scenario, '--trace', '-w', 'json']);
  t.match(traced.stdout, /"what":"relisted"/);
  t.match(traced.stdout, /"missingPrevKvs"/);
  t.match(await runCli(['verify', '-', '--db', db], { stdin: traced.stdout }), { exitCode: 0, stderr: '' });

  // Such a watcher is cancelled by its client, as the server keeps it (etcd issue 22294): it was then not known any more.
  const kept = await runCli(['replay', scenario, '--max-watchers-per-sync', '1', '--trace', '-w', 'json']);
  t.match(kept.stdout, /"because":"compactedButKept"/);
  t.match(await runCli(['verify', '-', '--db', db], { stdin: kept.stdout }), { exitCode: 0, stderr: '' });
});

// What is wrong with a value was told with its bytes, from the first one on that differs.
t.test('the bytes of a Secret are in no message', async (t) => {
  const secret = (data: string) =>
    Buffer.from(`{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"token":"${data}"}}`);
  const key = Buffer.from('/registry/secrets/default/s');
  const folder = temporaryFolder(t);
  const line = (value: Buffer) => {
    const kv = {
      key: key.toString('base64'),
      create_revision: 2,
      mod_revision: 2,
      version: 1,
      value: value.toString('base64'),
    };
    return `${JSON.stringify({ Header: { revision: 2 }, Events: [{ kv }] })}\n`;
  };
  const db = join(folder, 'db');
  t.equal((await runCli(['--db', db, 'put', `${key}`, `${secret('aGlkZGVu')}`])).exitCode, 0);
  const args = ['verify', '-', '/registry/', '--prefix', '--db', db];
  t.match(await runCli(args, { stdin: line(secret('aGlkZGVu')) }), { exitCode: 0 });
  const { exitCode, stdout } = await runCli(args, { stdin: line(secret('c3RvbGVu')) });
  t.equal(exitCode, 1);
  t.match(stdout, /its value from byte \d+ on is \(hidden, \d+ bytes\), in the history it is \(hidden, \d+ bytes\)/);
  const other = await runCli([...args, '-w', 'json'], { stdin: line(secret('c3RvbGVu')).replaceAll(':2', ':3') });
  t.match(other.stdout, /hidden/);
  for (const text of [stdout, other.stdout]) t.notMatch(text, /aGlk|c3Rv/);
});

// The revisions behind a restore are given anew, and were held against those that the database has of these numbers.
t.test('what a replay gives behind a restore is of another history', async (t) => {
  const db = projectFile('fixtures/etcd-3.5.snapshot.db');
  const replayed = async (more: readonly string[]) => {
    const args = ['replay', '--db', db, '--base-rev', '200', '--from-rev', '201', '--rate', '100', '--check', 'off'];
    return (await runCli([...args, ...more, '--trace', '-w', 'json'])).stdout;
  };
  const whole = await runCli(['verify', '-', '--db', db], { stdin: await replayed(['--until', '505ms']) });
  const restored = await replayed([
    '--stream',
    '{name: all, resumeFrom: now}',
    '--action',
    '{at: 505ms, restore: {to: 220}}',
  ]);
  const { exitCode, stdout } = await runCli(['verify', '-', '--db', db], { stdin: restored });
  t.equal(exitCode, 4);
  const [watch] = whole.stdout.split('\n');
  t.equal(stdout.split('\n')[0], watch);
  t.match(
    stdout,
    /: no guarantee is broken; not judged: \d{2,} events behind a restore from a backup, of another history; not all /,
  );
  const { stdout: json } = await runCli(['verify', '-', '--db', db, '-w', 'json'], { stdin: restored });
  t.match(JSON.parse(json.trimEnd().split('\n').at(-1)!), { holds: true, complete: false, behindRestore: Number });
});

// A replay checks itself while it runs, and verify what it has printed. What only the end of a replay tells is not told here.
t.test('property: what a replay says of itself, verify says of its lines', async (t) => {
  const db = projectFile('fixtures/etcd-3.5.snapshot.db');
  const scenario = join(t.testdir(), 'scenario.yaml');
  const time = (max: number) => fc.nat(max).map((ms) => `${ms}ms`);
  const watcher = fc.record({
    key: fc.constantFrom('/registry/pods/', '/registry/'),
    prefix: fc.constant(true),
    rev: fc.constantFrom(0, 180, 201, 230),
    prevKv: fc.boolean(),
  });
  const stream = fc.record({
    consumer: fc.oneof(fc.constantFrom('atOnce', 'never'), fc.record({ every: time(80) })),
    disconnectAt: fc.array(time(1500), { maxLength: 2 }),
    reconnectAfter: time(200),
    relistAfter: time(50),
    client: fc.constantFrom('etcd', 'reflector'),
    resumeFrom: fc.constantFrom('lastEvent', 'bookmark', 'start', 'now', 'created', 'header', 'progress'),
  });
  const what = fc.oneof(
    fc.record({ compact: fc.record({ behind: fc.nat(30) }) }),
    fc.constantFrom({ restart: 'clean' }, { restore: true }, { progress: 'a' }, { cancel: 'a' }),
    fc.record({ stall: fc.constantFrom('a', 'b'), for: time(300) }),
  );
  const drawn = fc.record({
    watchers: fc.tuple(watcher, watcher),
    streams: fc.record({ a: stream, b: stream }),
    actions: fc.array(fc.tuple(time(1600), what), { maxLength: 4 }),
    parameters: fc.record({ chanBufLen: fc.constantFrom(1, 128), maxWatchersPerSync: fc.constantFrom(1, 512) }),
    etcd: fc.constantFrom('3.4.20', '3.5.12', '3.7.1'),
  });
  const broken = (stdout: string, kind: string) => {
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const found = lines.filter((line) => line.kind === kind && line.guarantee !== 'undelivered');
    return [...new Set(found.map((line) => `${line.watcher ?? line.watch} ${line.guarantee}`))].sort();
  };
  await fc.assert(
    fc.asyncProperty(drawn, async ({ watchers: [a, b], actions, ...more }) => {
      const text = {
        history: { database: db },
        base: 200,
        from: 190,
        arrivals: { perSecond: 100 },
        until: '8s',
        watchers: [
          { name: 'a', ...a },
          { name: 'b', ...b },
        ],
        actions: actions.map(([at, action]) => ({ at, ...action })),
        ...more,
      };
      writeFileSync(scenario, JSON.stringify(text));
      const replayed = await runCli(['replay', scenario, '--trace', '-w', 'json']);
      const verified = await runCli(['verify', '-', '--db', db, '-w', 'json'], { stdin: replayed.stdout });
      assert.deepEqual(broken(verified.stdout, 'verify-violation'), broken(replayed.stdout, 'violation'));
      assert.ok(replayed.exitCode <= 1);
    }),
    { numRuns: 12 },
  );
});

/** Returns what a server's own watch gave, as lines of etcdctl. */
function truthOf(set: string): string {
  const events = dataDirectoryFile(set, 'truth.jsonl').toString().trimEnd().split('\n');
  const byRevision = new Map<number, string[]>();
  for (const line of events) {
    const [, lease = '0'] = /"lease": ?(\d+)/.exec(line) ?? [];
    const { rev, type, key64: key, value64: value, create_revision, version } = JSON.parse(line);
    const put = `"create_revision":${create_revision},"version":${version},"value":"${value}","lease":${lease},`;
    const isDelete = /delete/i.test(type);
    const kv = `{"key":"${key}",${isDelete ? '' : put}"mod_revision":${rev}}`;
    const text = `{${isDelete ? '"type":1,' : ''}"kv":${kv}}`;
    byRevision.set(rev, [...(byRevision.get(rev) ?? []), text]);
  }
  return [...byRevision]
    .map(([rev, texts]) => `{"Header":{"revision":${rev}},"Events":[${texts.join(',')}]}\n`)
    .join('');
}

t.test('a data directory judges what compaction has taken from its database', async (t) => {
  const db = unpackDataDirectory('mixed-34', 'm1', temporaryFolder(t), true);
  const stream = fileOf(t, truthOf('mixed-34'));
  const whole = await runCli(['verify', stream, '', '--prefix', '--rev', '2', '--db', db]);
  t.match(whole, { exitCode: 0, stdout: /^641 events in 484 responses of 1 watch: no guarantee is broken$/m });
  const compacted = await runCli(['verify', stream, '', '--prefix', '--rev', '2', '--db', db, '--compacted']);
  t.match(compacted, { exitCode: 4, stdout: /the database tells of revisions 469 to 485/ });
});

t.test('what cannot be judged, and what is cut short', async (t) => {
  const text = textOf('etcdctl.jsonl');
  const cut = await runCli(['verify', fileOf(t, text.slice(0, -9)), '/a', '/z', '--db', SNAPSHOT]);
  t.match(cut, { exitCode: 0, stderr: /what begins on line 30 was cut short, and is not judged/ });
  const other = projectFile('fixtures/etcd-3.5.snapshot.db');
  const outside = await runCli(['verify', fileOf(t, text), '/zz', '--db', other, '-w', 'json']);
  t.equal(outside.exitCode, 1, 'the database of another cluster');
  const cancelled = '{"Header":{},"Events":[],"CompactRevision":100,"Canceled":true}';
  t.match(await runCli(['verify', '-', 'a', '--rev', '9', '--db', other], { stdin: cancelled }), {
    exitCode: 4,
    stdout:
      /not judged: 0 events, from 9 on, below the window\n.*not all could be judged: the database tells of revisions 175 to 367/,
  });
  t.match(await runCli(['verify', '-', 'a', '--db', other]), { exitCode: 4, stdout: /there is no response/ });
  t.match(await runCli(['verify', '-', 'a', '--db', other], { stdin: '\nPUT\n' }), {
    exitCode: 3,
    stderr: /^Error: stdin: line 2: no object of JSON/,
  });
  t.match(await runCli(['verify', '/nowhere', 'a', '--db', other]), { exitCode: 5 });
});

t.test('the schema', async (t) => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(await stdoutOf(t, ['schema', 'inspect'])),
  );
  const [first, ...rest] = textOf('two-watches.jsonl').split('\n');
  const text = [first, first, '{"Header":{"revision":31},"Created":true}', ...rest].join('\n');
  const { stdout } = await runCli(['verify', fileOf(t, text), '/pods/', '--prefix', '--db', SNAPSHOT, '-w', 'json']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) t.ok(validate(line), JSON.stringify(line));
  t.strictSame([...new Set(lines.map(({ kind }) => kind))].sort(), ['verify', 'verify-violation', 'verify-watch']);
});
