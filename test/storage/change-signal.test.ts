import { once } from 'node:events';
import { watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { ChangeSignal } from '../../src/storage/change-signal.js';
import { temporaryFolder } from '../support/run-cli.js';

/** The timeout is longer than any test may take, so a test that waits for all of it has missed a signal. */
const FOREVER_MS = 1_000_000;

t.test('a write to data.mdb, and not to another file', async (t) => {
  const folder = temporaryFolder(t);
  const signal = new ChangeSignal(folder);
  t.teardown(() => signal.close());
  // The kernel notifies both through the same queue, so an event that this watcher has seen has reached the signal too.
  const witness = watch(folder);
  t.teardown(() => witness.close());
  const notesSeen = once(witness, 'change');
  writeFileSync(join(folder, 'notes'), 'x');
  let woken = false;
  const wait = signal.wait(FOREVER_MS).then(() => {
    woken = true;
  });
  t.same((await notesSeen)[1], 'notes');
  await nextTurn();
  t.notOk(woken);
  writeFileSync(join(folder, 'data.mdb'), 'x');
  await wait;
  // The first look may have come before the commit was announced.
  await signal.wait(FOREVER_MS);
  t.pass();
});

t.test('what happens before anybody waits is not missed', async (t) => {
  const signal = new ChangeSignal(temporaryFolder(t));
  t.teardown(() => signal.close());
  signal.wake();
  await signal.wait(FOREVER_MS);
  const wait = signal.wait(FOREVER_MS);
  signal.wake();
  await wait;
  await signal.wait(1);
  t.pass();
});

t.test('where the kernel tells nothing, waiting is short', async (t) => {
  const signal = new ChangeSignal(join(temporaryFolder(t), 'missing'));
  t.teardown(() => signal.close());
  await signal.wait(FOREVER_MS);
  t.pass();
});
