// These tests run whole salvages: what they say, what they leave, and what commands say of the new database.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t from 'tap';
import { projectFile } from '../support/root.js';
import { importInto, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes, unpackSnapshot } from '../support/snapshots.js';
import { tablesOf } from '../support/tables.js';
import { fingerprint } from '../support/untouched.js';

const DIGEST_BYTES = 32;
const PAGE = 4096;
/** In nocompact-35, the leaf page with the records from 23_0 on. */
const LEAF = 5;
/** In nocompact-35, the branch page that leads to all records. */
const BRANCH = 10;

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

t.test('an undamaged file is imported', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['fresh-35', 'small-35', 'live-deletes-35']) {
    const file = unpackSnapshot(name, folder);
    const before = fingerprint(file);
    const salvaged = join(folder, `${name}.salvaged`);
    t.match(await runCli(['salvage', file, '--db', salvaged]), {
      exitCode: 0,
      stderr: '',
      stdout: /\nnothing is lost/,
    });
    t.strictSame({ ...fingerprint(file), beside: 0 }, { ...before, beside: 0 });
    t.strictSame(await tablesOf(salvaged), await tablesOf(await importInto(t, file, join(folder, name))), name);
  }
});

t.test('a page is lost, and there is no other copy of it', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'damaged.db');
  const [db, all] = [join(folder, 'db'), join(folder, 'all.jsonl')];
  const bytes = snapshotBytes('nocompact-35').subarray(0, -DIGEST_BYTES);
  bytes.fill(0xee, LEAF * PAGE, (LEAF + 1) * PAGE);
  writeFileSync(file, bytes);
  const { exitCode, stdout, stderr } = await runCli(['salvage', file, '--db', db, '--records', all, '-w', 'json']);
  t.equal(exitCode, 1);
  t.equal(stderr, '');
  const lines = linesOf(stdout);
  const isLine = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(await stdoutOf(t, ['schema', 'inspect'])),
  );
  for (const line of lines) if (!isLine(line)) t.fail(JSON.stringify(line));
  t.match(lines[0], { kind: 'loss', loss: 'page', page: LEAF, offset: LEAF * PAGE, lost: false });
  const gap = lines.find(({ loss }) => loss === 'gap');
  t.ok(gap.lost && gap.from <= gap.to);
  const { kind, complete, records, intact, compactRev, currentRev, doubts } = lines.at(-1);
  t.strictSame({ kind, complete, currentRev }, { kind: 'salvage', complete: false, currentRev: 141 });
  t.ok(compactRev >= gap.to && records < intact);

  const written = linesOf(readFileSync(all, 'utf8'));
  t.match(written[0], { kind: 'salvage', from: file });
  t.match(written.at(-1), { kind: 'end', records: intact });
  t.equal(written.filter(({ inDatabase }) => inDatabase).length, records);
  t.match(written[1], { kind: 'record', revision: { main: 2, sub: 0 }, place: 'tree' });
  t.match(await runCli(['load', all, '--db', join(folder, 'x')]), { exitCode: 3 }, 'it is no dump');

  const [doubt] = doubts;
  t.equal(doubt, `keys last written up to revision ${compactRev} may be missing or out of date`);
  const told = `Hint: the database was salvaged from a damaged file: ${doubt}\n`;
  t.match(await runCli(['get', '', '--prefix', '--db', db]), { exitCode: 0, stderr: told });
  t.match(await runCli(['check', '--db', db]), { exitCode: 0, stdout: /is sound/ });
  t.match(await runCli(['get', 'a', '--rev', String(gap.from), '--db', db]), { exitCode: 4 });
  const dump = (await runCli(['dump', '--db', db])).stdout;
  await stdoutOf(t, ['load', '--db', join(folder, 'loaded')], { stdin: dump });
  t.strictSame(await tablesOf(join(folder, 'loaded')), await tablesOf(db), 'the doubt is dumped and loaded');

  t.match(await runCli(['salvage', file, '--db', db]), { exitCode: 2, stderr: /is not empty/ });
  const again = join(folder, 'again');
  t.match(await runCli(['salvage', file, '--db', again, '--records', all]), {
    exitCode: 2,
    stderr: /is there already/,
  });
  t.notOk(existsSync(again));
});

t.test('without metas, the page size and the root are found', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'damaged.db');
  const bytes = snapshotBytes('small-35').subarray(0, -DIGEST_BYTES);
  writeFileSync(file, bytes.fill(0, 0, 2 * PAGE));
  const { exitCode, stdout } = await runCli(['salvage', file, '--db', join(folder, 'db')]);
  t.equal(exitCode, 1);
  t.match(stdout, /313 records, 2 leases, revisions 175 to 367; 313 intact/);
  t.match(
    await stdoutOf(t, ['hash', '--db', await importInto(t, unpackSnapshot('small-35', folder), folder)]),
    hashIn(await runCli(['hash', '--db', join(folder, 'db')])),
  );
});

const hashIn = ({ stdout }: { stdout: string }): RegExp => new RegExp(`, ${/, (\d+)/.exec(stdout)![1]}\n`);

t.test('a wrong digest', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'damaged.db');
  const bytes = snapshotBytes('small-35');
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  t.match(await runCli(['salvage', file, '--db', join(folder, 'db')]), {
    exitCode: 1,
    stdout: /^digest .*\n(.*\n)*something is lost, or may be\n.*: a byte of it may be wrong/,
  });
});

t.test('nothing to salvage', async (t) => {
  const folder = temporaryFolder(t);
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(5 * PAGE),
    Buffer.alloc(5 * PAGE, 'text '),
    snapshotBytes('small-35').fill(0, 2 * PAGE),
  ]) {
    const file = join(folder, 'file');
    writeFileSync(file, bytes);
    const all = join(folder, 'all.jsonl');
    const run = await runCli(['salvage', file, '--db', join(folder, 'db'), '--records', all]);
    t.match(run, { exitCode: 3, stderr: /^Error: / });
    t.strictSame(readdirSync(folder), ['file'], 'nothing is left');
  }
});

t.test('a branch page is lost: an older one, and what other pages say, stand for it', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'damaged.db');
  const bytes = snapshotBytes('nocompact-35').subarray(0, -DIGEST_BYTES);
  writeFileSync(file, bytes.fill(0xee, BRANCH * PAGE, (BRANCH + 1) * PAGE));
  const { exitCode, stdout } = await runCli(['salvage', file, '--db', join(folder, 'db')]);
  t.equal(exitCode, 1);
  t.match(stdout, /195 records, 2 leases, revisions 1 to 140; 196 intact records found/);
});

t.test('a revision with two versions', async (t) => {
  const folder = temporaryFolder(t);
  const [file, all] = [join(folder, 'damaged.db'), join(folder, 'all.jsonl')];
  const bytes = snapshotBytes('small-34').subarray(0, -DIGEST_BYTES);
  // This byte is in the value of 368_2, on a page of the tree. Page 22 has an older copy of the page.
  bytes[56_500]! ^= 1;
  writeFileSync(file, bytes);
  const { exitCode, stdout } = await runCli(['salvage', file, '--db', join(folder, 'db'), '--records', all]);
  t.equal(exitCode, 1);
  t.match(
    stdout,
    /^version +revision 368_2 is there with different bytes: taken from page 13, to which the tree leads; another version is on page 22$/m,
  );
  const [taken, other] = linesOf(readFileSync(all, 'utf8')).filter(
    ({ revision }) => revision?.main === 368 && revision.sub === 2,
  );
  t.match(taken, { page: 13, place: 'tree', inDatabase: true });
  t.match(other, { page: 22, inDatabase: false, otherVersion: true });
  t.not(taken.value, other.value);
});

t.test('a salvage that is interrupted leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  const file = unpackSnapshot('small-35', folder);
  const targets = ['--db', join(folder, 'db'), '--records', join(folder, 'all.jsonl')];
  const run = await runCli(['salvage', file, ...targets], { onInterrupt: (handler) => handler('SIGTERM') });
  t.strictSame(run, { exitCode: 143, stdout: '', stderr: '' });
  t.strictSame(readdirSync(folder), ['small-35.db']);
});

t.test('cleared elements come back', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'cleared.db');
  writeFileSync(file, gunzipSync(readFileSync(projectFile('fixtures/cases/cleared-elements.db.gz'))));
  t.match(await runCli(['salvage', file, '--db', join(folder, 'db')]), {
    exitCode: 0,
    stdout: /3 records, 0 leases, revisions 1 to 4/,
  });
});
