// These tests use a full disk and one that cannot be written to. Both are small file systems in memory; the tests are
// skipped where this machine does not allow mounting them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LiveCli } from '../support/live-cli.js';
import { mvccw, putLeased, start } from '../support/processes.js';
import { projectFile } from '../support/root.js';
import { temporaryFolder } from '../support/run-cli.js';

const run = (command: string, ...argv: string[]) => spawnSync(command, argv, { encoding: 'utf8' });

const mountTmpfs = (sizeKib: number, folder: string) =>
  run('mount', '-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'mvccw-test', folder);

/** Mounts a file system of `sizeKib` KiB and returns its folder. */
function mount(t: Test, sizeKib: number): string {
  const folder = temporaryFolder(t);
  mountTmpfs(sizeKib, folder);
  t.teardown(() => run('umount', '-l', folder));
  return folder;
}

/** Returns the reason why this machine cannot mount a file system; false if it can. */
function whyNot(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'mvccw-test-'));
  const { status, stderr, error } = mountTmpfs(64, folder);
  if (status === 0) run('umount', '-l', folder);
  rmdirSync(folder);
  return status !== 0 && `cannot mount a tmpfs: ${error?.message ?? stderr.trim()}`;
}

const skip = whyNot();
const EXAMPLE = projectFile('fixtures/etcd-3.5.snapshot.db');

/** Leaves `leftBytes` bytes free and returns the path of the file that takes the rest. */
function fill(folder: string, leftBytes: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const path = join(folder, 'filler');
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
  return path;
}

/** The pattern is not anchored at the start, because LMDB itself prints something before the error. */
const FULL =
  /Error: cannot write to .*: .*\nHint: the disk is full: nothing was written; free some space and try again\n$/;

const LONG_AGO_MS = 1;

/**
 * Starts a watch in this process. `hasLooked` resolves once the watch has tried to revoke the leases that have run out:
 * the watch asks for the time before it tries, and again a second later.
 */
function watchAndLook(argv: readonly string[]): { readonly cli: LiveCli; hasLooked(): Promise<void> } {
  let looks = 0;
  const cli = new LiveCli(argv, {
    now: () => {
      looks++;
      return Date.now();
    },
  });
  return { cli, hasLooked: () => cli.waitFor(() => looks >= 4) };
}

t.test('a disk that fills up', { skip }, async (t) => {
  const folder = mount(t, 2048);
  const db = join(folder, 'db');
  const value = 'x'.repeat(60_000);
  const put = (key: string) => mvccw(['--db', db, 'put', key, value]);
  t.match(put('k0'), { status: 0 });
  const filler = fill(folder, 400_000);
  let stored = 1;
  let last = put('k1');
  for (; last.status === 0 && stored < 100; last = put(`k${stored}`)) stored++;
  // Where the disk is full within pages that are written together, LMDB calls it an input/output error.
  t.match(last, { status: 5, stdout: '', stderr: /Error: cannot write to .*: .*\nHint: the disk is full.*\n$/ });
  t.ok(stored > 1);

  const get = mvccw(['--db', db, 'get', 'k', '--prefix', '--keys-only', '-w', 'json']);
  t.match(JSON.parse(get.stdout), { header: { revision: stored + 1 }, count: stored }, 'what said OK is there');
  const watch = start(t, ['--db', db, 'watch', 'k', '--prefix', '--rev', '1', '-w', 'json']);
  await watch.waitFor('"revision"');
  t.match(mvccw(['--db', db, 'hash']), { status: 0 });

  rmSync(filler);
  t.match(put('again'), { status: 0, stdout: 'OK\n' }, 'and all is well when there is space');
  t.match(mvccw(['--db', db, 'get', 'k', '--prefix', '--count-only']), { stdout: `${stored}\n` });
  t.equal(await watch.end('SIGINT'), 130);
});

// LMDB calls this an input/output error, and the message once did not say that the disk was full.
t.test('a disk that has room for a part of a write', { skip }, async (t) => {
  const folder = mount(t, 1024);
  const db = join(folder, 'db');
  t.match(mvccw(['--db', db, 'put', 'k', 'v']), { status: 0 });
  fill(folder, 40_000);
  const refused = mvccw(['--db', db, 'put', 'k', 'x'.repeat(100_000)]);
  t.match(refused, { status: 5, stdout: '', stderr: /\nHint: the disk is full/ });
  t.match(mvccw(['--db', db, 'get', 'k']), { status: 0, stdout: 'k\nv\n' });
});

t.test('a full disk has no place for a new database', { skip }, async (t) => {
  const folder = mount(t, 512);
  fill(folder, 0);
  const db = join(folder, 'db');
  t.match(mvccw(['--db', db, 'put', 'k', 'v']), { status: 5, stdout: '', stderr: FULL });
  t.same(readdirSync(folder), ['filler'], 'nothing is left of it');
});

t.test('a full disk has no place for an export', { skip }, async (t) => {
  const folder = mount(t, 256);
  const file = join(folder, 'exported.db');
  t.match(mvccw(['--db', EXAMPLE, 'export', file]), { status: 0 });
  fill(folder, 20_000);
  const again = mvccw(['--db', EXAMPLE, 'export', file, '--force']);
  t.match(again, {
    status: 5,
    stdout: '',
    stderr: /^Error: cannot write .*ENOSPC.*\nHint: the disk is full: nothing was/,
  });
  t.strictSame(readdirSync(folder).sort(), ['exported.db', 'filler'], 'nothing is left of it');
  t.match(mvccw(['--db', file, 'hash']), { status: 0 }, 'the file that was there is there');
});

t.test('a lease that runs out on a full disk goes when there is space', { skip }, async (t) => {
  const folder = mount(t, 1024);
  const db = join(folder, 'db');
  putLeased(db, 'leased', LONG_AGO_MS);
  const filler = fill(folder, 0);
  const watch = watchAndLook(['--db', db, 'watch', '', '--prefix', '--rev', '1']);
  await watch.hasLooked();
  t.equal(watch.cli.stdout, 'PUT\nleased\nv\n');
  rmSync(filler);
  await watch.cli.waitFor('DELETE\nleased\n');
  t.equal(await watch.cli.interrupt(), 130);
});

t.test('a read-only file system', { skip }, async (t) => {
  const folder = mount(t, 1024);
  const db = join(folder, 'db');
  const lease = putLeased(db, 'k', LONG_AGO_MS);
  t.equal(run('mount', '-o', 'remount,ro', folder).status, 0);
  t.match(mvccw(['--db', db, 'get', 'k']), { status: 0, stdout: 'k\nv\n' });
  const readOnly = /read-only file system.*\nHint: the file system is read-only: choose another place with --db\n$/i;
  t.match(mvccw(['--db', db, 'put', 'k', 'w']), { status: 5, stdout: '', stderr: readOnly });
  t.match(mvccw(['--db', join(folder, 'new'), 'put', 'k', 'w']), { status: 5, stdout: '', stderr: readOnly });
  const watch = watchAndLook(['--db', db, 'watch', 'k', '--rev', '1']);
  await watch.hasLooked();
  t.equal(watch.cli.stdout, 'PUT\nk\nv\n', 'a watch that may not write only watches');
  t.equal(await watch.cli.interrupt(), 130);
  t.match(mvccw(['--db', db, 'lease', 'timetolive', lease]), { stdout: `lease ${lease} already expired\n` });
});
