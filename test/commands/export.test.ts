import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t from 'tap';
import { BoltWriter } from '../../src/bbolt/bolt-writer.js';
import { openEtcdFile } from '../../src/storage/etcd-file.js';
import { MemorySink } from '../bbolt/memory-sink.js';
import { projectFile } from '../support/root.js';
import { runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { fingerprint } from '../support/untouched.js';

const EXAMPLE = projectFile('fixtures/etcd-3.5.snapshot.db');

t.test('what is printed, and what check and status say of the file', async (t) => {
  const folder = temporaryFolder(t);
  const before = fingerprint(EXAMPLE);
  const [all, then] = [join(folder, 'all.db'), join(folder, 'then.db')];
  const whole = await stdoutOf(t, ['--db', EXAMPLE, 'export', all]);
  t.match(whole, /^exported \S+ to \S+: 313 records, 2 leases, revisions 175 to 367; \d+ bytes with the digest\n$/);
  const { stdout, stderr } = await runCli(['--db', EXAMPLE, 'export', then, '--rev', '250', '-w', 'json']);
  const line = JSON.parse(stdout);
  t.match(line, { kind: 'export', revision: 250, compactRevision: 250, leases: 3, grantedLeases: 1 });
  t.match(stderr, /^Hint: 3 keys name 1 lease of which only the id is known .* granted anew with 3600 s/);
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(await stdoutOf(t, ['schema', 'inspect'])),
  );
  t.ok(validate(line), JSON.stringify(validate.errors));
  for (const file of [all, then]) {
    t.match(await runCli(['check', '--db', file]), { exitCode: 0, stdout: /is sound/, stderr: '' });
  }
  t.match(JSON.parse(await stdoutOf(t, ['status', '--db', then, '-w', 'json'])), {
    kind: 'etcdSnapshot',
    currentRev: 250,
    compactRev: 250,
  });
  const args = ['get', '', '--prefix', '-w', 'json'];
  const of = async (...more: string[]) => JSON.parse(await stdoutOf(t, [...args, ...more])).kvs;
  t.strictSame(await of('--db', then), await of('--db', EXAMPLE, '--rev', '250'));
  t.strictSame(fingerprint(EXAMPLE), before, 'the database is only read');

  for (const format of ['fields', 'table']) {
    t.match(await stdoutOf(t, ['--db', EXAMPLE, 'export', all, '--force', '-w', format]), /CompactRevision/i);
  }
  const shortest = await runCli(['--db', EXAMPLE, 'export', then, '--rev', '0', '--lease-ttl', '1', '--force']);
  t.match(shortest, { exitCode: 0, stdout: /, as of revision 367; / });
});

t.test('what is refused', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'x.db');
  const cases: [args: string[], exitCode: number, stderr: RegExp][] = [
    [['--rev', '174'], 4, /revision 174 has been compacted/],
    [['--rev', '368'], 4, /revision 368 is in the future/],
    [['--rev', 'x'], 2, /--rev/],
    [['--lease-ttl', '0'], 2, /--lease-ttl/],
    [['--lease-ttl', '60'], 2, /--rev is missing/],
    [['--lease-ttl', '9000000001'], 2, /the longest is 9000000000/],
  ];
  for (const [args, exitCode, stderr] of cases) {
    t.match(await runCli(['--db', EXAMPLE, 'export', file, ...args]), { exitCode, stdout: '', stderr }, args.join(' '));
  }
  t.match(await runCli(['--db', EXAMPLE, 'export', '-']), { exitCode: 2, stderr: /stdout.*\nHint: .*\.\/-/ });
  for (const command of ['export', 'load', 'salvage', 'replay']) {
    t.match(await runCli(['--db', EXAMPLE, command, '']), {
      exitCode: 2,
      stderr: /^Error: .*the path of a file is empty/,
    });
  }
  writeFileSync(file, '');
  t.match(await runCli(['--db', EXAMPLE, 'export', file]), { exitCode: 2, stderr: /already there\nHint: .*--force/ });
});

t.test('a file out of which something may be missing is exported only if that is asked for', async (t) => {
  const folder = temporaryFolder(t);
  for (const [name, option] of [
    ['cleared-elements', '--cleared-elements'],
    ['newest-meta-one-bit', '--older-meta'],
  ] as const) {
    const db = join(folder, `${name}.db`);
    const file = join(folder, `${name}-exported.db`);
    writeFileSync(db, gunzipSync(readFileSync(projectFile(`fixtures/cases/${name}.db.gz`))));
    const refused = await runCli(['--db', db, 'export', file]);
    t.match(refused, { exitCode: 3, stdout: '', stderr: new RegExp(`what is left is exported with ${option}`) });
    t.match(await runCli(['--db', db, 'export', file, option]), { exitCode: 0, stdout: /^exported/ });
  }
});

t.test('an alarm that keeps a restored cluster from writing is told', async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'full.db');
  const from = openEtcdFile(EXAMPLE);
  const sink = new MemorySink();
  const writer = new BoltWriter(sink);
  for (const name of from.bucketNames()) {
    writer.beginBucket(name);
    for (const { key, value } of from.entriesOf(name)) writer.put(key, value);
    if (name === 'alarm') writer.put(Buffer.from([8, 1, 16, 1]), Buffer.alloc(0));
  }
  writer.end();
  from.close();
  writeFileSync(db, sink.bytes());
  t.match(await runCli(['export', join(folder, 'x.db'), '--db', db]), {
    exitCode: 0,
    stdout: /^exported/,
    stderr: /^Hint: the alarm NOSPACE is in the file: .*`etcdctl alarm disarm`\n$/,
  });
});
