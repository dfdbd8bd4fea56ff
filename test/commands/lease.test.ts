// These tests run mvccw lease as whole commands; the transcripts cover the texts that etcdctl prints.

import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { newLeaseId } from '../../src/storage/lease-id.js';
import { LiveCli, liveDatabase } from '../support/live-cli.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const SNAPSHOT = 'fixtures/etcd-3.5.snapshot.db';

const START_MS = 1_700_000_000_000;

/** Returns a database with leases 10 (of a minute, with keys a and b) and 20 (of an hour), granted at START_MS. */
async function withLeases(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(0x20n, 3600, Date.now() + 3_600_000);
    store.grantLease(0x10n, 60, Date.now() + 60_000);
    store.write((txn) => txn.put('a', Buffer.from('1'), 0x10n));
    store.write((txn) => txn.put('b\x1b', Buffer.from('1'), 0x10n));
  });
}

t.test('a lease from grant to expiry', async (t) => {
  const db = `${temporaryFolder(t)}/db`;
  const at = (nowMs: number) => ({ nowMs: START_MS + nowMs });
  const granted = await stdoutOf(t, ['--db', db, 'lease', 'grant', '10'], at(0));
  const [, id = ''] = /^lease ([0-9a-f]{16}) granted with TTL\(10s\)\n$/.exec(granted) ?? [];
  await stdoutOf(t, ['--db', db, 'put', 'k', 'v', `--lease=${id}`], at(1000));
  const timeToLive = ['--db', db, 'lease', 'timetolive', id, '--keys'];
  t.equal(
    await stdoutOf(t, timeToLive, at(1500)),
    `lease ${id} granted with TTL(10s), remaining(8s), attached keys([k])\n`,
  );
  t.equal(
    await stdoutOf(t, ['--db', db, 'lease', 'keep-alive', '--once', id], at(9000)),
    `lease ${id} keepalived with TTL(10)\n`,
  );
  t.match(await stdoutOf(t, timeToLive, at(18_500)), 'remaining(0s)');
  t.equal(await stdoutOf(t, timeToLive, at(19_000)), `lease ${id} already expired\n`);
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'k'], at(19_000)), 'k\nv\n', 'a reader changes nothing');
  t.equal(await stdoutOf(t, ['--db', db, 'lease', 'list'], at(19_000)), `found 1 leases\n${id}\n`);
  await stdoutOf(t, ['--db', db, 'put', 'other', 'v'], at(19_000));
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'k'], at(19_000)), '', 'the next writer revokes it');
  t.equal(await stdoutOf(t, ['--db', db, 'lease', 'list'], at(19_000)), 'found 0 leases\n');
  const history = await stdoutOf(t, ['--db', db, 'get', 'other', '-w', 'json'], at(19_000));
  t.match(history, '"mod_revision":4', 'in a revision of its own, before the put');
});

t.test('formats', async (t) => {
  const db = await withLeases(t);
  const now = { nowMs: Date.now() };
  const out = (...argv: string[]) => stdoutOf(t, ['--db', db, 'lease', ...argv], now);
  t.equal(await out('list', '-w', 'json'), '{"revision":3,"leases":[{"id":16},{"id":32}]}\n');
  t.equal(await out('list', '-w', 'fields'), '"Revision" : 3\n"ID" : 16\n"ID" : 32\n');
  t.match(
    await out('list', '-w', 'table'),
    /│ 0000000000000010 │ +60 │ +5\d │\n│ 0000000000000020 │ +3600 │ +359\d │\n/,
  );
  t.match(
    await out('timetolive', '10', '--keys', '-w', 'json'),
    /^{"revision":3,"id":16,"ttl":5\d,"granted-ttl":60,"keys":\["YQ==","Yhs="\]}\n$/,
  );
  t.match(await out('timetolive', '20', '-w', 'json'), /"keys":null}\n$/);
  t.match(
    await out('timetolive', '10', '--keys', '-w', 'fields'),
    /"GrantedTTL" : 60\n"Key" : "a"\n"Key" : "b\\x1b"\n$/,
  );
  t.match(await out('timetolive', '10', '--keys', '-w', 'table'), /│ 0000000000000010 │ +60 │ +5\d │ a b\\x1b │/);
  t.match(await out('timetolive', '99', '-w', 'table'), /│ 0000000000000099 │ +│ expired +│/);
  const terminal = await runCli(['--db', db, 'lease', 'timetolive', '10', '--keys'], { ...now, isTTY: true });
  t.match(terminal.stdout, /attached keys\(\[a b\\x1b\]\)\n$/);
  t.match(await out('grant', '5', '-w', 'json'), /^{"revision":3,"ID":[1-9]\d*,"TTL":5,"Error":""}\n$/);
  t.match(await out('grant', '5', '-w', 'fields'), /^"Revision" : 3\n"ID" : [1-9]\d*\n"TTL" : 5\n$/);
  t.match(await out('keep-alive', '--once', '20', '-w', 'json'), '{"revision":3,"ID":32,"TTL":3600}\n');
  t.match(await out('keep-alive', '--once', '20', '-w', 'table'), /│ 0000000000000020 │ 3600 │/);
  t.equal(await out('revoke', '10', '-w', 'fields'), '"Revision" : 4\n', 'both keys in one revision');
  t.match(await out('revoke', '20', '-w', 'table'), /│ 0000000000000020 │ revoked │/);
});

t.test('ids above 2^53 keep all their digits', async (t) => {
  const db = await newDatabase(t, ({ store }) => store.grantLease(0x7fff_ffff_ffff_fffen, 60));
  const { stdout } = await runCli(['--db', db, 'lease', 'list', '-w', 'json']);
  t.equal(stdout, '{"revision":1,"leases":[{"id":9223372036854775806,"no-deadline":true}]}\n');
});

t.test('ids are chosen at random', async (t) => {
  t.equal(
    newLeaseId(() => Buffer.from('ffffffffffffffff', 'hex')),
    0x7fff_ffff_ffff_ffffn,
  );
  const drawn = ['8000000000000000', '0000000000000000', '0000000000000007'];
  t.equal(
    newLeaseId(() => Buffer.from(drawn.shift()!, 'hex')),
    7n,
    '0 is no id',
  );
  t.not(newLeaseId(), newLeaseId());
});

t.test('a lease without a deadline runs out only after it was kept alive', async (t) => {
  const db = await newDatabase(t, ({ store }) => store.grantLease(1n, 10));
  const out = (nowMs: number, ...argv: string[]) => stdoutOf(t, ['--db', db, 'lease', ...argv], { nowMs });
  t.equal(
    await out(1e12, 'timetolive', '1'),
    'lease 0000000000000001 granted with TTL(10s), remaining(10s), no deadline until it is kept alive\n',
  );
  t.equal(
    await out(1e12, 'timetolive', '1', '-w', 'json'),
    '{"revision":1,"id":1,"ttl":10,"granted-ttl":10,"keys":null,"no-deadline":true}\n',
  );
  t.match(await out(1e12, 'timetolive', '1', '-w', 'fields'), /"GrantedTTL" : 10\n"NoDeadline" : true\n$/);
  t.match(await out(1e12, 'timetolive', '1', '-w', 'table'), /│ +10 │ no deadline │/);
  await out(1e12, 'grant', '100');
  const listed = await runCli(['--db', db, 'lease', 'list'], { nowMs: 1e12 });
  t.match(listed, {
    exitCode: 0,
    stdout: /^found 2 leases\n[0-9a-f]{16}\n0000000000000001\n$/,
    stderr: /^Hint: 1 of 2 have no deadline: .*kept alive\n$/,
  });
  await out(1e12, 'keep-alive', '1', '--once');
  t.match(await out(1e12 + 4000, 'timetolive', '1'), 'remaining(6s)');
  t.match(await out(1e12 + 10_000, 'timetolive', '1'), 'already expired');
});

t.test('keep-alive goes on until Ctrl-C', async (t) => {
  const { path, store } = liveDatabase(t);
  // The clock stands still, so that the lease lasts even where this process has to wait for its turn.
  store.grantLease(1n, 2, START_MS + 1000);
  const cli = new LiveCli(['--db', path, 'lease', 'keep-alive', '1'], { now: () => START_MS });
  await cli.waitFor(() => cli.stdout.split('\n').length > 6);
  t.equal(store.leases.get(1n)?.deadlineMs, START_MS + 2000);
  t.equal(await cli.interrupt(), 130);
  t.match(cli.stdout, /^(lease 0000000000000001 keepalived with TTL\(2\)\n){6,}$/);
});

t.test('keep-alive notices that the lease is gone, and lets others run out', async (t) => {
  const { path, store } = liveDatabase(t);
  store.grantLease(1n, 3600, Date.now() + 3_600_000);
  store.grantLease(2n, 2, Date.now() + 300);
  const cli = new LiveCli(['--db', path, 'lease', 'keep-alive', '1']);
  await cli.waitFor('keepalived');
  await cli.waitFor(() => !store.leases.has(2n));
  store.revokeLease(1n);
  t.equal(await cli.exitCode, 4);
  t.equal(cli.stdout, 'lease 0000000000000001 keepalived with TTL(3600)\nlease 0000000000000001 expired or revoked.\n');
  t.equal(cli.stderr, '');
  const unknown = await runCli(['--db', path, 'lease', 'keep-alive', '1']);
  t.same(unknown, { exitCode: 4, stdout: 'lease 0000000000000001 expired or revoked.\n', stderr: '' });
});

t.test('keep-alive into a closed pipe', async (t) => {
  const { path, store } = liveDatabase(t);
  store.grantLease(1n, 2, Date.now() + 2000);
  const cli = new LiveCli(['--db', path, 'lease', 'keep-alive', '1'], { closeAfterBytes: 1 });
  t.equal(await cli.exitCode, 0);
  await sleep(0);
  t.equal(cli.stderr, '');
});

t.test('errors', async (t) => {
  const db = await withLeases(t);
  const missing = `${temporaryFolder(t)}/missing`;
  const rows: [argv: string[], exitCode: number, stderr: RegExp][] = [
    [['--db', db, 'lease', 'revoke', '99'], 4, /^Error: lease 0000000000000099 not found\nHint: /],
    [['--db', db, 'lease', 'keep-alive', '--once', '99'], 4, /^Error: lease 0000000000000099 not found\nHint: /],
    [['--db', db, 'lease', 'revoke', 'zzz'], 2, /^Error: bad lease ID "zzz", expecting ID in Hex\nHint: /],
    [['--db', db, 'lease', 'grant', 'abc'], 2, /^Error: TTL: "abc" is not a whole number/],
    [['--db', db, 'lease', 'grant', '9000000001'], 2, /^Error: too large lease TTL: 9000000001 seconds\nHint: /],
    [['--db', db, 'lease', 'grant'], 2, /missing required argument 'ttl'/],
    [['--db', db, 'lease', 'granted', '1'], 2, /unknown command 'granted'[\s\S]*Did you mean grant\?/],
    [['--db', missing, 'lease', 'revoke', '1'], 5, /^Error: there is no database at /],
    [['--db', missing, 'lease', 'keep-alive', '1'], 5, /^Error: there is no database at /],
    [['--db', missing, 'lease', 'list'], 5, /^Error: there is no database at /],
    [['--db', 'fixtures/etcd-3.5.snapshot.db', 'lease', 'grant', '1'], 2, /mvccw writes only to databases of its own/],
  ];
  for (const [argv, exitCode, stderr] of rows) {
    t.match(await runCli(argv, { nowMs: Date.now() }), { exitCode, stdout: '', stderr }, argv.slice(2).join(' '));
  }
});

t.test('the leases of an etcd file', async (t) => {
  const { stdout } = await runCli(['--db', SNAPSHOT, 'lease', 'list']);
  t.equal(stdout, 'found 2 leases\n0000000000001111\n0000000000003333\n');
});

// An import once gave leases a deadline, so an hour later the first write deleted the keys attached to them: every
// event of a cluster's snapshot.
t.test('imported leases keep their keys until somebody starts their time', async (t) => {
  const db = `${temporaryFolder(t)}/db`;
  const at = (years: number) => ({ nowMs: START_MS + years * 365 * 86_400_000 });
  const lease = (years: number, ...argv: string[]) => stdoutOf(t, ['--db', db, 'lease', ...argv], at(years));
  t.match(
    await stdoutOf(t, ['import', SNAPSHOT, '--db', db], at(0)),
    '2 leases (no deadlines until they are kept alive)',
  );
  await stdoutOf(t, ['--db', db, 'put', 'mine', 'x', '--lease=1111'], at(5));
  t.match(
    await lease(5, 'timetolive', '1111', '--keys'),
    / no deadline until it is kept alive, attached keys\(\[.*mine/,
  );
  await lease(5, 'keep-alive', '--once', '1111');
  t.match(await lease(5, 'timetolive', '1111'), /remaining\(3600000s\)\n$/);
  await stdoutOf(t, ['--db', db, 'put', 'other', 'x'], at(6));
  t.equal(await stdoutOf(t, ['--db', db, 'get', 'mine'], at(6)), '');
  t.equal(await lease(6, 'revoke', '3333'), 'lease 0000000000003333 revoked\n');
});
