// These tests run several processes on one database.

import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { checkStore } from '../../src/inspect/check/check-store.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { withNewDatabase } from '../../src/storage/new-database.js';
import { BIN, mvccw, putLeased, type Running, start, startShell, startWorker } from '../support/processes.js';
import { temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';
import { until } from '../support/until.js';

const WRITERS = 4;
const COUNT = 30;
/** The values add up to some 5 MB, while LMDB begins with a map of 128 KiB. */
const BYTES = 40_000;

t.test('writers in many processes lose nothing, while the file outgrows what is mapped', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'first', 'v']);
  const reader = new LmdbBackend(directory, { readOnly: true });
  t.teardown(() => reader.close());
  const workers = Array.from({ length: WRITERS }, (_, i) =>
    startWorker(t, directory, 'put', `w${i}`, String(COUNT), String(BYTES)),
  );
  let looks = 0;
  while (workers.some(({ isRunning }) => isRunning)) {
    await sleep(5);
    reader.refresh();
    const store = new StoreReader(reader);
    const revisions = [...store.records(0, store.currentRev)].map(({ main }) => main);
    if (revisions.some((revision, i) => revision !== i + 2)) t.fail(`revisions ${revisions}`);
    looks++;
  }
  for (const { ended, stderr } of workers) t.equal(await ended, 0, stderr);
  t.ok(looks > 0, 'and a reader sees all of each revision');
  const said = workers.flatMap(({ stdout }) => stdout.trim().split('\n').map(Number));
  t.same(
    said.sort((a, b) => a - b),
    Array.from({ length: WRITERS * COUNT }, (_, i) => i + 3),
    'revisions are dense and unique',
  );
  reader.refresh();
  const store = new StoreReader(reader);
  for (let w = 0; w < WRITERS; w++) {
    const { kvs } = store.range({ key: `w${w}-`, end: `w${w}.` });
    t.equal(kvs.filter(({ value }) => value.equals(Buffer.alloc(BYTES, `w${w}`))).length, COUNT);
  }
});

t.test('six processes make a database at once', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  const puts = Array.from({ length: 6 }, (_, i) => start(t, ['--db', directory, 'put', `k${i}`, 'v']));
  for (const put of puts) t.equal(await put.ended, 0, put.stderr);
  t.match(mvccw(['--db', directory, 'get', '', '--prefix', '-w', 'json']), { stdout: /"revision":7.*"count":6/ });
});

t.test('one of several imports makes the database, and the others leave it alone', async (t) => {
  const folder = temporaryFolder(t);
  const files = ['small-34', 'small-35'].map((name) => {
    const path = join(folder, name);
    writeFileSync(path, snapshotBytes(name));
    return path;
  });
  for (let round = 0; round < 2; round++) {
    const directory = join(folder, `db${round}`);
    const imports = [...files, ...files].map((file) => start(t, ['import', file, '--db', directory]));
    const exitCodes = await Promise.all(imports.map(({ ended }) => ended));
    const made = exitCodes.indexOf(0);
    t.same(
      exitCodes.map((exitCode, i) => (i === made ? 0 : exitCode)),
      imports.map((_, i) => (i === made ? 0 : 2)),
      imports.map(({ stderr }) => stderr).join(''),
    );
    const hashOf = (path: string) => /"hash":\d+/.exec(mvccw(['--db', path, 'hash', '-w', 'json']).stdout)?.[0];
    t.equal(hashOf(directory), hashOf(files[made % 2]!));
    t.same(readdirSync(directory).sort(), ['data.mdb', 'lock.mdb'], 'nothing else is left');
  }
});

t.test('an import that fails leaves what others have made meanwhile', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  const fail = () =>
    withNewDatabase(directory, () => {
      t.equal(mvccw(['--db', directory, 'put', 'k', 'v']).stdout, 'OK\n');
      throw new Error('in the middle');
    });
  await t.rejects(fail(), { message: 'in the middle' });
  t.match(mvccw(['--db', directory, 'get', 'k']), { status: 0, stdout: 'k\nv\n' });

  const late = join(temporaryFolder(t), 'db');
  const publish = () => withNewDatabase(late, () => mvccw(['--db', late, 'put', 'k', 'v']));
  await t.rejects(publish(), {
    code: 'EXISTS',
    message: `${late} is not empty: a new database is made only where there is none`,
  });
  t.match(mvccw(['--db', late, 'get', 'k']), { status: 0, stdout: 'k\nv\n' });
  t.same(readdirSync(late).sort(), ['data.mdb', 'lock.mdb']);
});

t.test('what a killed import leaves is in nobody’s way, and the next one removes it', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  const killed = startWorker(t, directory, 'fill');
  await killed.waitFor('filling');
  t.match(readdirSync(directory), [/^\.filling-/]);
  t.match(mvccw(['--db', directory, 'get', 'k']), { status: 3, stderr: /it holds no data\.mdb/ });
  await killed.end('SIGKILL');
  await withNewDatabase(directory, () => undefined);
  t.same(readdirSync(directory).sort(), ['data.mdb']);
});

t.test('a writer that is killed in the middle of a transaction', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'k', 'v']);
  const holder = startWorker(t, directory, 'hold', '600000');
  await holder.waitFor('holding');
  const waiting = start(t, ['--db', directory, 'put', 'k', 'w']);
  t.match(mvccw(['--db', directory, 'get', 'k']), { status: 0, stdout: 'k\nv\n' }, 'readers do not wait for it');
  t.ok(waiting.isRunning, 'writers do');
  await holder.end('SIGKILL');
  t.equal(await waiting.ended, 0, 'until it is gone');
  t.match(mvccw(['--db', directory, 'get', 'k']), { stdout: 'k\nw\n' });
  const backend = new LmdbBackend(directory, { readOnly: true });
  t.equal(backend.tables.meta.get(Buffer.from('half')), undefined, 'nothing of it is there');
  backend.close();
});

t.test('a reader keeps no writer waiting, and sees none of it', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'k', 'v']);
  const reader = new LmdbBackend(directory, { readOnly: true });
  t.match(mvccw(['--db', directory, 'put', 'k', 'w']), { status: 0, stdout: 'OK\n' });
  t.equal(new StoreReader(reader).range({ key: 'k' }).kvs[0]!.value.toString(), 'v');
  reader.refresh();
  t.equal(new StoreReader(reader).range({ key: 'k' }).kvs[0]!.value.toString(), 'w');
  reader.close();
});

t.test('a killed reader does not keep pages from being used again', async (t) => {
  const sizeAfter = async (signal: NodeJS.Signals | undefined) => {
    const directory = join(temporaryFolder(t), 'db');
    await startWorker(t, directory, 'overwrite', '3', '8192').ended;
    const reader = startWorker(t, directory, 'read');
    await reader.waitFor('reading');
    if (signal !== undefined) await reader.end(signal);
    t.equal(await startWorker(t, directory, 'overwrite', '300', '8192').ended, 0);
    await reader.end('SIGKILL');
    return statSync(join(directory, 'data.mdb')).size;
  };
  const alive = await sizeAfter(undefined);
  const killed = await sizeAfter('SIGKILL');
  t.ok(alive > 300 * 8192, `${alive}: one that is alive does`);
  t.ok(killed < alive / 4, `${killed} against ${alive}`);
});

t.test('a live watch holds no pages either', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'k', 'v']);
  const watch = start(t, ['--db', directory, 'watch', 'k', '--rev', '1']);
  await watch.waitFor('PUT');
  t.equal(await startWorker(t, directory, 'overwrite', '300', '8192').ended, 0);
  t.ok(statSync(join(directory, 'data.mdb')).size < 150 * 8192);
});

// The last process to close an environment destroys its mutexes. A process that opened it at that very moment once held
// a lock region that no longer worked, and broke the database for all other processes as long as it ran.
t.test('mutexes that have been destroyed are made anew', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'k', 'v']);
  const lock = join(directory, 'lock.mdb');
  for (const command of [
    ['put', 'k', 'w'],
    ['get', 'k'],
  ]) {
    const holder = startWorker(t, directory, 'read');
    await holder.waitFor('reading');
    t.ok(destroyMutexes(lock) >= 2);
    const waiting = start(t, ['--db', directory, ...command]);
    await until(() => !waiting.isRunning || holdsOpen(waiting, lock));
    t.ok(waiting.isRunning, waiting.stderr);
    await holder.end('SIGKILL');
    t.equal(await waiting.ended, 0, waiting.stderr);
  }
  t.match(mvccw(['--db', directory, 'get', 'k']), { stdout: 'k\nw\n' });
});

function holdsOpen({ child }: Running, path: string): boolean {
  const folder = `/proc/${child.pid}/fd`;
  /** Returns what `read` returns; undefined if the descriptor was closed meanwhile or the process has ended. */
  const orNothing = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  const descriptors = orNothing(() => readdirSync(folder)) ?? [];
  return descriptors.some((descriptor) => orNothing(() => readlinkSync(join(folder, descriptor))) === path);
}

/**
 * Leaves the mutexes as pthread_mutex_destroy does. A separate process must call it, because closing lock.mdb drops
 * locks.
 */
function destroyMutexes(path: string): number {
  const ROBUST_AND_SHARED = 0x90;
  const file = openSync(path, 'r+');
  const head = Buffer.alloc(512);
  readSync(file, head, 0, head.length, 0);
  let found = 0;
  for (let at = 0; at < head.length; at += 4) {
    if (head.readUInt32LE(at) !== ROBUST_AND_SHARED) continue;
    head.writeInt32LE(-1, at);
    writeSync(file, head, at, 4, at);
    found++;
  }
  closeSync(file);
  return found;
}

t.test('compactions at the same time', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  t.equal(await startWorker(t, directory, 'put', 'k', '400', '10').ended, 0);
  const lower = startWorker(t, directory, 'compact', '150');
  const higher = startWorker(t, directory, 'compact', '300');
  const puts = startWorker(t, directory, 'put', 'during', '50', '10');
  const ends = await Promise.all([lower.ended, higher.ended, puts.ended]);
  t.equal(ends[1], 0, higher.stderr);
  t.equal(ends[2], 0, puts.stderr);
  if (ends[0] !== 0) t.match(lower.stderr, /revision 150 has been compacted/);
  const backend = new LmdbBackend(directory);
  const store = new Store(backend);
  t.equal(store.compactRev, 300);
  t.equal(store.currentRev, 451);
  t.same([...checkStore(backend)], []);
  t.throws(() => store.range({ key: 'k-1', rev: 200 }), { code: 'COMPACTED' });
  backend.close();
});

t.test('new files are their owner’s only', async (t) => {
  const parent = temporaryFolder(t);
  const directory = join(parent, 'deep', 'db');
  const run = startShell(t, `umask 0; exec '${process.execPath}' '${BIN}' --db '${directory}' put k v`);
  t.equal(await run.ended, 0, run.stderr);
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  t.equal(mode(directory), '700');
  for (const name of ['data.mdb', 'lock.mdb']) t.equal(mode(join(directory, name)), '600', name);
});

t.test('a watch across processes', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mvccw(['--db', directory, 'put', 'k', 'one']);
  const watch = start(t, ['--db', directory, 'watch', 'k', '--rev', '1']);
  await watch.waitFor('one');
  mvccw(['--db', directory, 'put', 'k', 'two']);
  await watch.waitFor('two');
  t.match(mvccw(['--db', directory, 'defrag']), { status: 0 });
  mvccw(['--db', directory, 'put', 'k', 'three']);
  await watch.waitFor('three');
  const interrupted = await watch.end('SIGINT');
  t.equal(interrupted, 130);
  t.equal(watch.stdout, 'PUT\nk\none\nPUT\nk\ntwo\nPUT\nk\nthree\n', 'also over a defragmentation');
  t.equal(watch.stderr, '');
});

t.test(
  'a watch whose reader has gone ends, though nothing happens',
  { skip: !existsSync('/proc/self/fd') },
  async (t) => {
    const directory = join(temporaryFolder(t), 'db');
    mvccw(['--db', directory, 'put', 'k', 'v']);
    const mvccwWatch = `'${process.execPath}' '${BIN}' --db '${directory}' watch k --rev 1`;
    const run = startShell(t, `(${mvccwWatch}; echo "status $?" >&2) | head -1`);
    t.equal(await run.ended, 0);
    t.equal(run.stdout, 'PUT\n');
    t.equal(run.stderr, 'status 0\n');
  },
);

t.test('a database that is removed, or replaced by another one, under a watch', async (t) => {
  const folder = temporaryFolder(t);
  const directory = join(folder, 'db');
  const put = () => mvccw(['--db', directory, 'put', 'k', 'v']);
  put();
  put();
  const removed = start(t, ['--db', directory, 'watch', 'k', '--rev', '1']);
  const replaced = start(t, ['--db', directory, 'watch', 'k', '--rev', '1']);
  await removed.waitFor('PUT');
  await replaced.waitFor('PUT');
  replaced.child.kill('SIGSTOP');
  rmSync(directory, { recursive: true });
  t.equal(await removed.ended, 5);
  t.match(removed.stderr, /^Error: the database at .*db has been removed\n/);
  put();
  replaced.child.kill('SIGCONT');
  t.equal(await replaced.ended, 3);
  t.match(replaced.stderr, /^Error: another database has taken the place of .*db\nHint: /);
});

t.test('a lease runs out while another process watches, and only one of them revokes it', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  putLeased(directory, 'k');
  const watches = [1, 2, 3].map(() => start(t, ['--db', directory, 'watch', 'k', '--rev', '1', '-w', 'json']));
  for (const watch of watches) await watch.waitFor('"type":1');
  for (const watch of watches) t.equal(await watch.end('SIGINT'), 130);
  const history = watches.map(({ stdout }) => [...stdout.matchAll(/"mod_revision":(\d+)/g)].map(([, rev]) => rev));
  for (const revisions of history) t.same(revisions, ['2', '3']);
});

t.test('an empty directory is as good as none', async (t) => {
  const directory = join(temporaryFolder(t), 'db');
  mkdirSync(directory);
  chmodSync(directory, 0o700);
  t.match(mvccw(['--db', directory, 'get', 'k']), { status: 3, stderr: /it holds no data\.mdb/ });
  t.match(mvccw(['--db', directory, 'put', 'k', 'v']), { status: 0 });
});
