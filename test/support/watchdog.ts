// The watchdog kills the test process when it hangs. It runs in its own thread, because an endless loop in the test's
// thread would keep the timers there from running.

import { Worker } from 'node:worker_threads';
import type { Test } from 'tap';

const MAX_LABEL_BYTES = 512;

const WATCH = `
  const { workerData: { shared, limitMs } } = require('node:worker_threads');
  const count = new Int32Array(shared, 0, 2);
  const label = new Uint8Array(shared, 8);
  let seen = -1;
  setInterval(() => {
    const beats = Atomics.load(count, 0);
    if (beats === seen) {
      const text = Buffer.from(label.slice(0, count[1])).toString();
      require('node:fs').writeSync(2, 'no end after ' + limitMs + ' ms: ' + text + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    seen = beats;
  }, limitMs);
`;

export interface Watchdog {
  /** Restarts the time limit; the test calls this before each operation that must end within it, and names that. */
  beat(what: string): void;
}

export function startWatchdog(t: Test, limitMs: number): Watchdog {
  const shared = new SharedArrayBuffer(8 + MAX_LABEL_BYTES);
  const count = new Int32Array(shared, 0, 2);
  const label = Buffer.from(shared, 8);
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, limitMs }, execArgv: [] });
  worker.unref();
  t.teardown(() => worker.terminate());
  return {
    beat(what) {
      count[1] = label.write(what, 'utf8');
      Atomics.add(count, 0, 1);
    },
  };
}
