// These tests check that what killed processes have left beside a database is removed by the next writer, and that what
// living ones use is not.

import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { leftoversIn, removeLeftovers } from '../../src/storage/leftovers.js';
import { isRunning, processMark } from '../../src/storage/process-mark.js';
import { startWorker } from '../support/processes.js';
import { newDatabase, runCli, temporaryFolder } from '../support/run-cli.js';

const DAY_MS = 24 * 3600 * 1000;
const UUID = '0b0e7a52-6f0c-4d2b-9a8e-6a0f3b2c1d00';
const OWN = processMark();
const [PID, BEGIN, PLACE] = OWN.split('.') as [string, string, string];
/** The mark of a process of this place that is gone: its id belongs to another now. */
const GONE = `${PID}.${Number(BEGIN) + 1}.${PLACE}`;
const ELSEWHERE = `${PID}.${BEGIN}.${PLACE.replaceAll(/./g, (digit) => (digit === '0' ? '1' : '0'))}`;

function aDatabase(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.write((txn) => txn.put('k', Buffer.from('v')));
  });
}

/** Makes something that a process has left, of an age, and returns its name. */
function leave(db: string, name: string, ageMs = 0): string {
  const path = join(db, name);
  const then = new Date(Date.now() - ageMs);
  if (name.startsWith('.space-') || name.startsWith('.lock-')) writeFileSync(path, 'x');
  else {
    mkdirSync(path);
    writeFileSync(join(path, 'data.mdb'), 'half a copy');
    utimesSync(join(path, 'data.mdb'), then, then);
  }
  utimesSync(path, then, then);
  return name;
}

t.test('the mark of a process', async (t) => {
  t.equal(isRunning(OWN), true);
  t.equal(isRunning(GONE), false, 'an id that is used again');
  t.equal(isRunning(`999999999.1.${PLACE}`), false);
  t.equal(isRunning(ELSEWHERE), undefined, 'another machine or container');
  t.equal(isRunning('12345'), undefined, 'an earlier mvccw wrote only the id');
  const worker = startWorker(t, join(temporaryFolder(t), 'db'), 'fill');
  await worker.waitFor('filling');
  const directory = worker.child.spawnargs[2]!;
  t.same(leftoversIn(directory), [], 'its maker is at work');
  removeLeftovers(directory, { locked: true });
  t.equal(readdirSync(directory).length, 1, 'so it stays');
  await worker.end('SIGKILL');
  t.equal(leftoversIn(directory).length, 1);
  const none = join(directory, 'none');
  t.throws(() => leftoversIn(none), { code: 'IO', message: /cannot read .*none: ENOENT/ });
  t.doesNotThrow(() => removeLeftovers(none, { locked: true }), 'they are in nobody’s way');
});

t.test('the next writer removes what is left, and a reader nothing', async (t) => {
  const db = await aDatabase(t);
  const gone = [
    leave(db, `.filling-${GONE}-${UUID}`),
    leave(db, `.lock-${GONE}-${UUID}`),
    leave(db, `.space-${GONE}-${UUID}`),
    leave(db, `.filling-${ELSEWHERE}-${UUID}`, 2 * DAY_MS),
    leave(db, `.filling-4711-${UUID}`, 2 * DAY_MS),
    leave(db, `.space-${UUID}`, 2 * DAY_MS),
    leave(db, `.copy-${ELSEWHERE}-${UUID}`),
    leave(db, 'defrag.tmp'),
  ];
  const kept = [
    leave(db, `.filling-${OWN}-${UUID}`),
    leave(db, `.filling-${ELSEWHERE}-${UUID}`.replace('00', '01')),
    leave(db, `.lock-4711-${UUID}`),
  ];
  writeFileSync(join(db, 'notes.txt'), 'of the user');
  const before = readdirSync(db);
  t.match(await runCli(['--db', db, 'get', 'k']), { exitCode: 0 });
  t.same(readdirSync(db), before, 'a reader');
  t.match(await runCli(['--db', db, 'put', 'k', 'w']), { exitCode: 0 });
  t.same(
    gone.filter((name) => existsSync(join(db, name))),
    [],
  );
  t.same(readdirSync(db).sort(), [...kept, 'data.mdb', 'lock.mdb', 'notes.txt'].sort());
});

t.test('a defragmentation that was killed', async (t) => {
  const db = await aDatabase(t);
  leave(db, `.copy-${GONE}-${UUID}`);
  t.same(leftoversIn(db), [`.copy-${GONE}-${UUID}`]);
  t.match(await runCli(['--db', db, 'defrag']), { exitCode: 0 });
  t.same(readdirSync(db).sort(), ['data.mdb', 'lock.mdb']);
});
