// These tests send ending signals to separate processes: each process undoes what it has begun, and its exit status is
// 128 plus the signal's number. Ctrl-C in an import once left its directory behind, and SIGTERM ended with 130.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type EndingSignal, InterruptedError, type OnInterrupt } from '../../src/errors.js';
import { defragment } from '../../src/storage/defragment.js';
import { importEtcdFile } from '../../src/storage/import-etcd.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { mvccw, type Running, start } from '../support/processes.js';
import { newDatabase, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const SIGNALS: readonly [EndingSignal, number][] = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
];

/** Resolves once a file matches the pattern; by then the process listens for signals. */
async function waitForFile(running: Running, folder: string, pattern: RegExp): Promise<boolean> {
  while (running.isRunning) {
    if (existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => pattern.test(String(name))))
      return true;
    await soon();
  }
  return false;
}

t.test('an import takes back what it has begun', async (t) => {
  const folder = temporaryFolder(t);
  const file = unpackSnapshot('bench-100k', folder);
  for (const [signal, status] of SIGNALS) {
    const directory = join(folder, signal);
    const running = start(t, ['import', file, '--db', directory]);
    t.ok(await waitForFile(running, directory, /filling-.*data\.mdb$/), 'it has begun');
    t.equal(await running.end(signal), status, signal);
    t.notOk(existsSync(directory), 'nothing is left');
    t.equal(running.stdout + running.stderr, '');
  }
});

t.test('a watch ends with the status of its signal', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  mvccw(['put', 'a', '1', '--db', db]);
  for (const [signal, status] of SIGNALS) {
    const running = start(t, ['watch', 'a', '--rev', '1', '--db', db]);
    await running.waitFor('PUT');
    t.equal(await running.end(signal), status, signal);
  }
});

/** Returns an OnInterrupt that sends the signal as soon as a handler is registered. */
function interruptingAtOnce(signal: EndingSignal): OnInterrupt {
  return (handler) => {
    handler(signal);
    return () => undefined;
  };
}

async function rejectsAsInterrupted(t: Test, work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  t.type(error, InterruptedError);
  t.equal(error.signal, 'SIGTERM');
}

t.test('a defragmentation leaves the database as it was', async (t) => {
  const path = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('a', Buffer.from('1'))));
  const backend = new LmdbBackend(path);
  await rejectsAsInterrupted(t, defragment(backend, path, { onInterrupt: interruptingAtOnce('SIGTERM') }));
  t.strictSame(readdirSync(path).sort(), ['data.mdb', 'lock.mdb']);
  backend.transaction(() => backend.tables.key.put(Buffer.from('still'), Buffer.from('writable')));
  t.equal(backend.tables.key.get(Buffer.from('still'))?.toString(), 'writable');
  backend.close();
});

t.test('an import into a database that has nothing but watchers leaves it as it was', async (t) => {
  const folder = temporaryFolder(t);
  const directory = await newDatabase(t, () => undefined);
  const options = { file: unpackSnapshot('small-35', folder), directory };
  await rejectsAsInterrupted(t, importEtcdFile({ ...options, onInterrupt: interruptingAtOnce('SIGTERM') }));
  t.ok((await importEtcdFile(options)).records > 0, 'it can be filled afterwards');
});
