import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { dataDirectoryFile, unpackDataDirectory } from '../support/data-directories.js';
import { inspectionLines } from '../support/inspection-lines.js';
import { encodeLogRequest } from '../support/log-requests.js';
import { runCli } from '../support/run-cli.js';
import { LogWriter, type Segment } from '../support/write-log.js';

const NOW = { nowMs: Date.UTC(2026, 10, 28, 12) };

/** Returns what another reader of the log has counted: a line of the entries by what they asked for, and of the users. */
function counted(set: string): { readonly made: (what: string) => number; readonly users: string } {
  const about = dataDirectoryFile(set, 'about.md').toString();
  const line = /^ {2}\w.*\+\d: \d.*$/m.exec(about)![0];
  const made = (what: string) =>
    [...line.matchAll(new RegExp(`(?:^|; | {2})${what}[^;]*\\+1: (\\d+)`, 'g'))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  return { made, users: /users map\[:?(.*?)\]/.exec(about)![1]! };
}

t.test('what entries came to, by request and by user, is what another reader has counted', async (t) => {
  const folder = t.testdir();
  for (const set of ['single-35', 'auth-35-b']) {
    const db = unpackDataDirectory(set, 'data', folder);
    const { stdout, exitCode } = await runCli(['wal', '--db', db, '--totals', '-w', 'json'], NOW);
    t.equal(exitCode, 0);
    const lines = inspectionLines(t, stdout);
    const { made, users } = counted(set);
    const revisions = (request: string) => lines.find((line) => line.request === request)?.revisions;
    t.equal(revisions('put'), made('put'), set);
    t.equal(revisions('deleteRange'), made('delete'));
    t.equal(revisions('txn'), made('txn'));
    t.equal(revisions('leaseRevoke'), made('revoke'));
    const byUser = lines
      .filter((line) => line.user !== undefined && Number(line.revisions) > 0)
      .map(({ user, revisions }) => `${user}${user === '' ? '' : ':'}${revisions}`);
    t.strictSame(byUser.sort(), users.split(' ').sort());
    t.match(lines.at(-1), { kind: 'log', entries: Number(lines.at(-1)!.lastIndex) });
  }
});

/** Writes segments into a data directory, and returns its path. */
function directoryOf(t: Test, segments: readonly Segment[]): string {
  const db = t.testdir();
  mkdirSync(join(db, 'member/wal'), { recursive: true });
  for (const { name, bytes } of segments) writeFileSync(join(db, 'member/wal', name), bytes);
  return db;
}

const ID = 0xae46n << 48n;

/** A log with a bit of everything, of which the last entry is not known to be committed. */
function mixedLog(): LogWriter {
  const writer = new LogWriter();
  let index = 0;
  const entry = (request: Parameters<typeof encodeLogRequest>[0], user = '') => {
    index++;
    writer.entry({ index, term: 2, data: encodeLogRequest(request, { id: ID + BigInt(index), user }) });
  };
  writer.entry({ index: ++index, term: 2 });
  entry({ kind: 'put', key: '/a/1', value: 'secret value' });
  entry({ kind: 'put', key: '/a/\x1b[2J', value: '1', lease: 7n }, 'ali\x1b[2Jce');
  entry({ kind: 'deleteRange', key: '/b', end: '/c' });
  entry({ kind: 'deleteRange', key: '/a', end: '' });
  entry({
    kind: 'txn',
    compare: [{ target: 'mod', result: '=', key: '/a/1', than: 0n }],
    success: [{ kind: 'put', key: '/a/1', value: 'again' }],
    failure: [{ kind: 'range', key: '/a/1' }],
  });
  entry({ kind: 'userAdd', user: 'bob', hash: 'hash of a password' });
  writer.saveState({ term: 2, commit: index });
  entry({ kind: 'compaction', revision: 3 });
  return writer;
}

t.test('each entry has a line, with the revision that it made or why it made none', async (t) => {
  const db = directoryOf(t, mixedLog().finish());
  const { stdout, stderr, exitCode } = await runCli(['wal', '--db', db], NOW);
  t.equal(exitCode, 0);
  t.equal(stderr, '');
  t.strictSame(
    stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | ')),
    [
      'index | term | request | revision | user | member | up since | size | asks for',
      '1 | 2 | noOp | - | - | - | - | 0 | of a new leader',
      '2 | 2 | put | 2 | - | the member …ae46 | 2004-11-03T19:53:47Z | 36 | /a/1 (12 bytes)',
      '3 | 2 | put | - | ali\\x1b[2Jce | the member …ae46 | 2004-11-03T19:53:47Z | 41 | /a/\\x1b[2J (1 byte, lease 0000000000000007) | [refused: lease not found]',
      '4 | 2 | deleteRange | - | - | the member …ae46 | 2004-11-03T19:53:47Z | 24 | [/b, /c) | [nothing matched]',
      '5 | 2 | deleteRange | 3 | - | the member …ae46 | 2004-11-03T19:53:47Z | 23 | [/a, ∞)',
      '6 | 2 | txn | 4 | - | the member …ae46 | 2004-11-03T19:53:47Z | 55 | if mod(/a/1) = 0: put /a/1 (5 bytes); else get /a/1',
      '7 | 2 | authUserAdd | - | - | the member …ae46 | 2004-11-03T19:53:47Z | 44 | user bob',
      '8 | 2 | compaction | - | - | the member …ae46 | 2004-11-03T19:53:47Z | 18 | to revision 3 | [not known to be committed]',
      '',
    ],
  );
});

t.test('values and passwords are in no format', async (t) => {
  const db = directoryOf(t, mixedLog().finish());
  for (const format of ['simple', 'json', 'table']) {
    const { stdout } = await runCli(['wal', '--db', db, '-w', format], NOW);
    t.notMatch(stdout, /secret|hash of|c2VjcmV0|aGFzaCBvZg/, format);
    if (format === 'json') t.equal(inspectionLines(t, stdout).length, 9);
  }
  const { stdout } = await runCli(['wal', '--db', db, '--hex', '--from', '2', '--to', '2'], NOW);
  t.match(stdout, '\\x2f\\x61\\x2f\\x31 (12 bytes)');
});

t.test('entries that were overwritten, and indexes that the log does not have', async (t) => {
  const writer = mixedLog();
  writer.entry({ index: 8, term: 3 });
  writer.snapshot(20, 3);
  writer.saveState({ term: 3, commit: 21 });
  writer.entry({ index: 21, term: 3 });
  const db = directoryOf(t, writer.finish());
  const all = await runCli(['wal', '--db', db], NOW);
  t.match(all.stdout, /^8 {6}3 .*\n… the entries 9 to 20 are not in the log\n21 .* \? /m);
  t.match(
    all.stderr,
    'Hint: what came of only the entries 1 to 7 can be told by the log, as the log has a gap, or goes on from a snapshot\n',
  );
  const { stdout } = await runCli(['wal', '--db', db, '--overwritten', '-w', 'json'], NOW);
  const [entry, log] = inspectionLines(t, stdout);
  t.match(entry, { index: 8, request: 'compaction', overwritten: true, committed: false });
  t.match(log, { overwritten: [{ from: 8, to: 8, fromTerm: 2, byTerm: 3 }], jumps: [{ from: 8, to: 21 }] });
});

t.test('of a damaged log, what lies before is printed', async (t) => {
  const [segment] = mixedLog().finish();
  segment!.bytes[segment!.bytes.indexOf('again')]! ^= 1;
  const db = directoryOf(t, [segment!]);
  const { stdout, stderr, exitCode } = await runCli(['wal', '--db', join(db, 'member/wal'), '-w', 'json'], NOW);
  t.equal(exitCode, 3);
  t.match(
    stderr,
    /Hint: the log is damaged, .*: 0000000000000000-0000000000000000\.wal, byte \d+: the record has the checksum/,
  );
  const lines = inspectionLines(t, stdout);
  t.equal(lines.length, 6);
  t.match(lines.at(-1), { kind: 'log', lastIndex: 5, damage: { segment: segment!.name } });
});

t.test('paths and options that make no sense', async (t) => {
  const db = directoryOf(t, mixedLog().finish());
  const fails = async (...args: string[]) => (await runCli(['wal', ...args])).exitCode;
  t.equal(await fails('--db', join(db, 'nothing')), 5);
  t.equal(await fails('--db', db, '--from', '3', '--to', '2'), 2);
  t.equal(await fails('--db', db, '--overwritten', '--from', '3'), 2);
  t.equal(await fails('--db', db, '--depth', '3'), 2);
  t.equal(await fails('--db', db, '-w', 'fields'), 2);
  rmSync(join(db, 'member/wal'), { recursive: true });
  t.equal(await fails('--db', db), 3);
});

t.test('where the database beside the log has something else, nothing is told of what came of entries', async (t) => {
  const data = unpackDataDirectory('mixed-35', 'm1', t.testdir());
  const list = () => runCli(['wal', '--db', data, '-w', 'json'], NOW);
  const same = await list();
  t.strictSame([same.exitCode, same.stderr], [0, '']);
  // This is the value of revision 475.
  const db = join(data, 'member/snap/db');
  const bytes = readFileSync(db);
  for (let at = bytes.indexOf('v2013'); at >= 0; at = bytes.indexOf('v2013', at)) bytes.write('w', at);
  writeFileSync(db, bytes);
  const { stdout, stderr } = await list();
  t.match(
    stderr,
    /Hint: what came of only the entries 1 to \d+ can be told by the log, as from entry \d+ on, the log gives/,
  );
  const entries = inspectionLines(t, stdout).slice(0, -1);
  const told = entries.filter(({ revision, reason }) => revision !== undefined || reason !== undefined);
  t.equal(Math.max(...told.map(({ revision }) => Number(revision ?? 0))), 474);
  t.strictSame(
    told.map(({ index }) => index),
    told.map((_, i) => i + 1),
  );
});

t.test('behind a gap, the revisions that the database still has are told, as another member tells them', async (t) => {
  const folder = t.testdir();
  const revisionsOf = async (member: string) => {
    const db = unpackDataDirectory('behind-35', member, folder);
    const { stdout } = await runCli(['wal', '--db', db, '--from', '5970', '-w', 'json'], NOW);
    const entries = inspectionLines(t, stdout).filter(({ kind, committed }) => kind === 'entry' && committed === true);
    return new Map(entries.map(({ index, revision }) => [index, revision]));
  };
  const [whole, behind] = [await revisionsOf('m1'), await revisionsOf('m3')];
  const told = [...behind].filter(([, revision]) => revision !== undefined);
  t.ok(told.length > 90);
  for (const [index, revision] of told) t.equal(revision, whole.get(index), `entry ${index}`);
});

t.test('a column is as wide as what it has held so far', async (t) => {
  const db = unpackDataDirectory('incident', 'data', t.testdir(), true);
  const { stdout } = await runCli(['wal', '--db', db, '--from', '209', '--to', '210'], NOW);
  const [, put, deleted] = stdout.split('\n');
  t.equal(put!.indexOf('m1'), deleted!.indexOf('m1'), 'behind the user kube-apiserver, and behind alice');
});
