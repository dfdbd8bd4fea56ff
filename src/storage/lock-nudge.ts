// A LockNudge wakes this process when it waits for LMDB's write lock for long.
//
// The lock is a robust mutex: if its owner is killed, the next one gets it. But a process that is killed while it waits
// can take the wake-up of another one with it:
//
//   A holds the lock, B and C wait    A leaves, the kernel wakes C, and D takes the lock before C runs
//   C is killed                       nobody notes that B waits still
//   D leaves                          nobody is woken: the lock is free, and B sleeps
//
// B would sleep until somebody else has to wait for the lock. A signal that has a handler (cli.ts) makes B look again.
// As the thread that waits can do nothing, another one has a signal sent, by another process: the system gives a signal
// that comes from the process itself to the thread that has sent it.

import { Worker } from 'node:worker_threads';
import { NUDGE_SIGNAL } from '../errors.js';

/** Far longer than anybody holds the lock, except to defragment or import. */
const PATIENCE_MS = 500;
const MAX_PATIENCE_MS = 8000;

const THREAD = `
  const { spawnSync } = require('node:child_process');
  const { pid } = require('node:process');
  const { workerData: { waiting, signal, patienceMs, maxPatienceMs } } = require('node:worker_threads');
  for (;;) {
    Atomics.wait(waiting, 0, 0);
    const turn = Atomics.load(waiting, 1);
    let ms = patienceMs;
    while (Atomics.load(waiting, 0) === 1 && Atomics.wait(waiting, 1, turn, ms) === 'timed-out') {
      spawnSync('sh', ['-c', 'kill -s ' + signal + ' ' + pid], { stdio: 'ignore' });
      ms = Math.min(2 * ms, maxPatienceMs);
    }
  }`;

export class LockNudge {
  /** Whether the lock may be waited for now, and the number of times that it was. */
  private readonly waiting = new Int32Array(new SharedArrayBuffer(8));
  private worker: Worker | undefined;

  /** Runs `body`, which may wait for the lock. */
  during<T>(body: () => T): T {
    this.start();
    Atomics.store(this.waiting, 0, 1);
    Atomics.notify(this.waiting, 0);
    try {
      return body();
    } finally {
      Atomics.store(this.waiting, 0, 0);
      Atomics.add(this.waiting, 1, 1);
      Atomics.notify(this.waiting, 1);
    }
  }

  private start(): void {
    if (this.worker !== undefined) return;
    const workerData = {
      waiting: this.waiting,
      signal: NUDGE_SIGNAL.replace(/^SIG/, ''),
      patienceMs: PATIENCE_MS,
      maxPatienceMs: MAX_PATIENCE_MS,
    };
    this.worker = new Worker(THREAD, { eval: true, workerData });
    this.worker.unref();
  }

  close(): void {
    if (this.worker === undefined) return;
    void this.worker.terminate();
    this.worker = undefined;
  }
}
