// A data directory with its log, as people name it: with --db, --wal and --compacted. What its records are, the tests of
// recorded servers tell (snapshots/data-directories.test.ts), and how each command reads it any-file.test.ts.

import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { withWritableDatabase } from '../../src/storage/database.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { encodeLogRequest } from '../support/log-requests.js';
import { newDatabase, runCli, temporaryFolder } from '../support/run-cli.js';
import { LogWriter } from '../support/write-log.js';

interface Places {
  readonly folder: string;
  readonly server: string;
  readonly db: string;
  readonly wal: string;
}

function placesOf(t: Test, set: string, member: string): Places {
  const folder = temporaryFolder(t);
  const server = unpackDataDirectory(set, member, folder, true);
  return { folder, server, db: join(server, 'member', 'snap', 'db'), wal: join(server, 'member', 'wal') };
}

t.test('what is read, and what is not', async (t) => {
  const { server, db, wal } = placesOf(t, 'mixed-35', 'm1');
  const newest = async (...place: string[]) => {
    const { exitCode, stdout, stderr } = await runCli(['watch', '', '--prefix', '--rev', '2', '-w', 'json', ...place]);
    const events =
      stdout === ''
        ? []
        : stdout
            .trimEnd()
            .split('\n')
            .flatMap((line) => JSON.parse(line).Events);
    return { exitCode, events: events.length, stderr };
  };
  const all = { exitCode: 0, events: 637 };
  t.match(await newest('--db', server), {
    ...all,
    stderr: /the log gives revisions 2 to 481, by its entries 1 to 711; .* begins at 465\n$/,
  });
  t.match(await newest('--db', db, '--wal', server), all);
  t.match(await newest('--db', wal), all, 'the log alone');
  t.match(await newest('--wal', wal), all, 'named with --wal');
  t.match(await runCli(['get', 'k', '--rev', '2'], { env: { MVCCW_WAL: wal } }), {
    exitCode: 0,
    stderr: /the log gives/,
  });
  t.match(await newest('--db', server, '--compacted'), {
    exitCode: 4,
    events: 0,
    stderr:
      /can be watched is --rev=465; the log in \S+ may hold it: name the data directory of the server, without --compacted\n$/,
  });
  t.match(await newest('--db', db), { exitCode: 4, events: 0 }, 'a file is no directory');
  const hash = await runCli(['hash', '--db', server]);
  t.match(hash, {
    exitCode: 0,
    stderr: /the one that members compare, since the last compaction, is with --compacted\n$/,
  });
  renameSync(db, `${db}.gone`);
  t.match(await newest('--db', server), { ...all, stderr: /^Hint: the log gives/ }, 'without a database');
});

t.test('a log that has a directory of its own', async (t) => {
  const { folder, server, db, wal } = placesOf(t, 'mixed-35', 'm1');
  const elsewhere = join(folder, 'wal');
  renameSync(wal, elsewhere);
  const get = ['get', '', '--prefix', '--count-only', '--db', server];
  t.match(await runCli([...get, '--rev', '2']), {
    exitCode: 4,
    stderr: `Hint: ${server} is the directory of an etcd server: reading ${db}; no log lies in it: --wal names one`,
  });
  t.match(await runCli([...get, '--rev', '2', '--wal', elsewhere]), {
    exitCode: 0,
    stderr: `Hint: ${server} is the directory of an etcd server: reading ${db}, and the log in ${elsewhere}\nHint: the log gives revisions 2 to 481`,
  });
  const listing = await runCli(['wal', '--db', server, '--wal', elsewhere]);
  t.equal(listing.exitCode, 0);
  t.match(listing.stdout, /^710 .* 481 /m);
  t.notMatch(listing.stdout, /^\d+ +\d+ +\w+ +\?/m, 'what came of each entry is told');
  const hash = await runCli(['hash', '--db', server, '--wal', elsewhere]);
  t.match(hash, { exitCode: 0, stderr: /since the last compaction, is without --wal\n$/ });
  t.match(await runCli(['hash', '--db', elsewhere]), { exitCode: 0, stderr: /revisions that the log gives\n$/ });
});

t.test('a database that cannot be reached is not taken for one that is not there', async (t) => {
  const { server, db } = placesOf(t, 'mixed-35', 'm1');
  renameSync(join(db, '..'), join(server, 'gone'));
  symlinkSync('snap', join(db, '..'));
  const loop = `cannot open ${db}: ELOOP: `;
  t.match(await runCli(['get', 'k', '--db', server]), { exitCode: 5, stdout: '', stderr: `Error: ${loop}` });
  t.match(await runCli(['wal', 'check', '--db', server]), { exitCode: 5, stdout: '', stderr: `Error: ${loop}` });
  const listing = await runCli(['wal', '--db', server, '--from', '711']);
  t.match(listing, { exitCode: 0, stderr: `Hint: the database beside the log is not used: ${loop}` });
});

t.test('a database that does not say of which cluster it is, and is not of that of the log', async (t) => {
  const folder = temporaryFolder(t);
  const [other, wal] = [join(folder, 'other.db'), join(folder, 'wal')];
  mkdirSync(wal);
  const writer = new LogWriter();
  for (let index = 1; index <= 12; index++) writer.entry({ index, term: 1, data: putOf(index + 1) });
  writer.saveState({ term: 1, commit: 12 });
  for (const { name, bytes } of writer.finish()) writeFileSync(join(wal, name), bytes);
  // Its revision 11 is by entry 11, which has made revision 12 in the log.
  await etcdFile(t, other, 11, 9);
  const get = await runCli(['get', 'k1', '--db', other, '--wal', wal]);
  t.match(get, {
    exitCode: 3,
    stderr: /Error: \S+: .*the database is believed\nHint: without --wal, the database is read/,
  });
});

t.test('a database of another cluster', async (t) => {
  const { folder, server } = placesOf(t, 'mixed-35', 'm1');
  const other = join(unpackDataDirectory('auth-35', 'm1', folder, true), 'member', 'snap', 'db');
  t.match(await runCli(['get', 'k', '--db', other, '--wal', server]), {
    exitCode: 2,
    stderr: /is of another cluster than the log: none of its members is [0-9a-f]+\n/,
  });
});

t.test('places that make no sense', async (t) => {
  const { folder, server, db, wal } = placesOf(t, 'mixed-35', 'm1');
  const own = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('a', Buffer.alloc(0))));
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const cases: [string[], number, RegExp][] = [
    [['--db', db, '--wal', wal, '--compacted'], 2, /`--wal` and `--compacted` cannot be set at the same time/],
    [['--db', own, '--wal', wal], 2, /is a database of mvccw, and no log of an etcd server goes on from it/],
    [['--db', wal, '--wal', wal], 2, /is a log itself/],
    [['--db', wal, '--compacted'], 2, /holds a log and no database/],
    [['--db', db, '--wal', empty], 3, /empty holds no write-ahead log of an etcd server/],
    [['--db', db, '--wal', join(folder, 'none')], 5, /there is no directory/],
    [['--db', empty], 3, /is a directory, but no database of mvccw/],
    [['--wal', ''], 2, /the path of --wal is empty/],
  ];
  for (const [place, exitCode, stderr] of cases) {
    t.match(await runCli(['get', 'a', ...place]), { exitCode, stdout: '', stderr }, place.join(' '));
  }
  t.match(await runCli(['status', '--db', wal]), { exitCode: 2, stderr: /holds a log and no database/ });
  t.match(await runCli(['check', '--db', db, '--wal', wal]), { exitCode: 2, stderr: /mvccw wal check/ });
  t.match(await runCli(['put', 'a', 'b', '--wal', wal]), { exitCode: 2, stderr: /^Error: --wal is not for put\n/ });
  t.match(await runCli(['put', 'a', 'b', '--db', own], { env: { MVCCW_WAL: wal } }), { exitCode: 0 });
  t.match(await runCli(['check', '--db', db], { env: { MVCCW_WAL: wal } }), { exitCode: 0 });
  const elsewhere = await runCli(['status'], { env: { MVCCW_WAL: wal } });
  t.match(elsewhere.stderr, /no database at \.\/mvccw\.db/, 'status reads no log');
  t.match(await runCli(['diff', own, own], { env: { MVCCW_WAL: wal } }), { exitCode: 0 });
  const diff = await runCli(['diff', server, own, '--wal', wal], { env: { MVCCW_DB: own } });
  t.match(diff, { exitCode: 2, stderr: /`--wal` does not say which one its log goes on from/ });
});

t.test('damage ends in an error, and nothing is made of what is left', async (t) => {
  const { folder, server, db, wal } = placesOf(t, 'mixed-35', 'm1');
  const segment = join(wal, readdirSync(wal)[0]!);
  const bytes = readFileSync(segment);
  const used = bytes.findLastIndex((byte) => byte !== 0);
  const flipped = Buffer.from(bytes);
  flipped[used - 200]! ^= 1;
  writeFileSync(segment, flipped);
  const damage =
    /Error: \S+: the log is damaged: 0000000000000000-0000000000000000.wal, byte \d+: .*\nHint: with --compacted/;
  const history = await runCli(['history', '', '--prefix', '--no-diff', '--db', server]);
  t.match(history, { exitCode: 3, stderr: damage });
  t.match(history.stdout, /^2_0 [\s\S]*\n481_0 /, 'the end is from the database');
  t.match(await runCli(['get', 'k', '--rev', '482', '--db', server]), {
    exitCode: 3,
    stderr: /revision 482 is in the future.*the log is damaged/,
  });
  const target = join(folder, 'target');
  for (const argv of [['export', target], ['dump'], ['import', server, '--db', target]]) {
    const run = await runCli(argv[0] === 'import' ? argv : [...argv, '--db', server]);
    t.match(run, { exitCode: 3, stdout: '', stderr: damage }, argv[0]!);
    t.notOk(readdirSync(folder).includes('target'), `${argv[0]}: nothing is left`);
  }
  t.match(await runCli(['dump', '--db', server, '--compacted']), { exitCode: 0 });
  t.match(await runCli(['hash', '--db', db]), { exitCode: 0 });
  writeFileSync(segment, bytes.subarray(0, 3000));
  const early = await runCli(['watch', '', '--prefix', '--rev', '2', '--db', server]);
  t.match(early, {
    exitCode: 3,
    stderr:
      /the log ends with entry \d+, .*; what is told ends at revision \d+; the database has the revisions 465 to 481/,
  });
  t.match(early.stdout, /^PUT\n\/north\/04\n/);
});

t.test('an entry of which nothing tells what it has done', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new LogWriter();
  writer.entry({ index: 1, term: 2, data: encodeLogRequest({ kind: 'put', key: 'a', value: '1' }) });
  const get = { kind: 'range', key: 'a', revision: 99 } as const;
  const txn = encodeLogRequest({ kind: 'txn', success: [get, { kind: 'put', key: 'a', value: '2' }] });
  writer.entry({ index: 2, term: 2, data: txn });
  writer.saveState({ term: 2, commit: 2 });
  for (const { name, bytes } of writer.finish()) writeFileSync(join(folder, name), bytes);
  const doubt =
    /Hint: what is told is not certain: the effect of entry 2, .* is not decided by the log, so that revisions from 3 on may have been others: up to 3.6, a get /;
  t.match(await runCli(['get', 'a', '--db', folder]), { exitCode: 1, stdout: /^a\n/, stderr: doubt });
  t.match(await runCli(['get', 'a', '--rev', '2', '--db', folder]), {
    exitCode: 0,
    stderr: /^Hint: the log gives.*\n$/,
  });
  const imported = join(temporaryFolder(t), 'imported');
  t.match(await runCli(['import', folder, '--db', imported]), { exitCode: 1, stdout: /^imported /, stderr: doubt });
  t.match(await runCli(['undelete', 'a', '--db', folder]), { exitCode: 1, stderr: doubt });
});

t.test('members that came to differ', async (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = ['m1', 'm2'].map((member) => unpackDataDirectory('diverged-35', member, folder, true));
  const { exitCode, stdout } = await runCli(['diff', first!, second!, '--stat']);
  t.equal(exitCode, 1);
  const [, , m1, m2] = /histories: they (part at revision 931)\n(.*)\n(.*)\n/.exec(stdout) ?? [];
  t.match(m1, /PUT svc\/green08, .*put through m3, .* index 1294 of term 6$/);
  t.match(m2, /PUT app\/failed04, .*transaction through m1, .* index 1292 of term 6$/);
});

const putOf = (rev: number) => encodeLogRequest({ kind: 'put', key: `k${rev % 3}`, value: String(rev) });

/** Writes the etcd file that has the puts up to a revision, compacted at one. */
async function etcdFile(t: Test, path: string, toRev: number, compactedAt?: number): Promise<void> {
  const own = await newDatabase(t, ({ store }) => {
    for (let rev = 2; rev <= toRev; rev++) store.write((txn) => txn.put(`k${rev % 3}`, Buffer.from(String(rev))));
  });
  if (compactedAt !== undefined) await withWritableDatabase(own, async ({ store }) => store.compact(compactedAt));
  t.match(await runCli(['export', path, '--db', own]), { exitCode: 0 });
}

t.test('an older snapshot, and the log that goes on from it', async (t) => {
  const folder = temporaryFolder(t);
  const [snap, wal] = [join(folder, 'member', 'snap'), join(folder, 'member', 'wal')];
  for (const directory of [snap, wal]) mkdirSync(directory, { recursive: true });
  const writer = new LogWriter({ sequence: 1, firstIndex: 6 });
  for (let rev = 6; rev <= 12; rev++) writer.entry({ index: rev, term: 1, data: putOf(rev) });
  writer.saveState({ term: 1, commit: 12 });
  for (const { name, bytes } of writer.finish()) writeFileSync(join(wal, name), bytes);
  const [base, older] = ['base.db', 'older.db'].map((name) => join(folder, name));
  await etcdFile(t, join(snap, 'db'), 11, 9);
  await etcdFile(t, base!, 7, 4);
  await etcdFile(t, older!, 4);
  const get = (...place: string[]) => runCli(['get', '', '--prefix', '--count-only', '--rev', '6', ...place]);
  t.match(await get('--db', base!, '--wal', folder), {
    exitCode: 0,
    stderr: /the log goes on from \S+ up to entry 12: revisions 4 to 12; the database alone begins at 9\nHint: not in/,
  });
  t.match(await get('--db', folder), {
    exitCode: 4,
    stderr: /Hint: the log begins at entry 6, .*\nHint: not in .*\nError: revision 6 has been compacted/,
  });
  t.match(await get('--wal', wal), {
    exitCode: 4,
    stderr: /^Error: the log begins at entry 6: what was before is not in it\nHint: name a snapshot/,
  });
  t.match(await get('--db', older!, '--wal', folder), {
    exitCode: 4,
    stderr: /^Error: \S+older.db ends with entry 4, and the log has no entry 5\n/,
  });
});

t.test('a member that was restored from a snapshot', async (t) => {
  const folder = temporaryFolder(t);
  const [snap, wal] = [join(folder, 'server', 'member', 'snap'), join(folder, 'server', 'member', 'wal')];
  mkdirSync(snap, { recursive: true });
  mkdirSync(wal);
  // Entry 6 makes revision 6, so that the index in the exported file is right, as the term is.
  const writer = new LogWriter();
  writer.entry({ index: 1, term: 1, type: 1, data: Buffer.from('\x08\0') });
  writer.snapshot(1, 1);
  for (let index = 2; index <= 5; index++) writer.entry({ index, term: 1 });
  for (let rev = 6; rev <= 12; rev++) {
    writer.entry({
      index: rev,
      term: 1,
      data: encodeLogRequest({ kind: 'put', key: `k${rev % 3}`, value: String(rev) }),
    });
  }
  writer.saveState({ term: 1, commit: 12 });
  for (const { name, bytes } of writer.finish()) writeFileSync(join(wal, name), bytes);
  const [base, other, later] = ['base.db', 'other.db', 'later.db'].map((name) => join(folder, name));
  await etcdFile(t, join(snap, 'db'), 11, 9);
  await etcdFile(t, base!, 5);
  await etcdFile(t, other!, 4);
  await etcdFile(t, later!, 8, 6);
  const server = join(folder, 'server');
  const history = (...place: string[]) => runCli(['history', '', '--prefix', '--no-diff', ...place]);
  const alone = await history('--db', server);
  t.match(alone, {
    exitCode: 0,
    stderr: /the log goes on from a snapshot that was restored, at entry 1, so that nothing before revision 9/,
  });
  const whole = await history('--db', base!, '--wal', server);
  t.match(whole, { exitCode: 0, stdout: /^2_0 PUT k2[\s\S]*\n12_0 PUT k0/ });
  t.equal(whole.stdout.match(/^\d+_0/gm)?.length, 11);
  t.match(await history('--db', later!, '--wal', server), {
    exitCode: 0,
    stderr: /goes on from \S+later.db up to entry 12: revisions 6 to 12/,
  });
  t.match(await history('--db', other!, '--wal', server), {
    exitCode: 2,
    stderr: /other.db is not what was restored there: /,
  });
  const audit = (file: string) => runCli(['wal', 'check', '--db', server, '--base', file]);
  t.match(await audit(base!), { stdout: /^applied +entries 2 to 11, applied to \S+base.db, give the/m });
  t.match(await audit(other!), { exitCode: 2, stderr: /other.db is not what was restored there: / });
  const elsewhere = join(folder, 'elsewhere.db');
  renameSync(join(snap, 'db'), elsewhere);
  const own = await history('--db', elsewhere, '--wal', wal);
  t.match(own, {
    exitCode: 0,
    stdout: /^11_0 PUT k2 .* index 11 of term 1$/m,
    stderr: /nothing before revision 9, where the database begins/,
  });
  t.match(await history('--db', base!, '--wal', server), {
    exitCode: 4,
    stderr: /that it is \S+base.db cannot be told\n/,
  });
});
