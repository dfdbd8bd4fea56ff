// A watch once stood still for good: another process that was killed while it waited for the write lock had taken the
// wake-up that the watch waited for. The test makes what is left of that: a lock that is free, and a process that sleeps.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { putLeased, start, startWorker } from '../support/processes.js';
import { temporaryFolder } from '../support/run-cli.js';
import { until } from '../support/until.js';

/** The bit of a lock's word that says that others wait. */
const WAITERS = 0x8000_0000;

t.test('a process that nobody wakes looks at the lock again', { skip: process.platform !== 'linux' }, async (t) => {
  const db = join(temporaryFolder(t), 'db');
  putLeased(db, 'k', Date.now());
  const holder = startWorker(t, db, 'hold', '60000');
  await holder.waitFor('holding');
  const watch = start(t, ['--db', db, 'watch', 'k', '--rev', '1']);

  const lockFile = openSync(join(db, 'lock.mdb'), 'r+');
  const word = Buffer.alloc(4);
  word.writeUInt32LE(holder.child.pid! + WAITERS);
  const findWord = () => readFileSync(join(db, 'lock.mdb')).indexOf(word);
  await until(
    () => findWord() >= 0,
    () => 'the watch never waits for the lock',
  );
  writeSync(lockFile, Buffer.alloc(4), 0, 4, findWord());
  closeSync(lockFile);
  await holder.end('SIGKILL');

  await watch.waitFor('DELETE');
  t.equal(await watch.end('SIGINT'), 130);
});
