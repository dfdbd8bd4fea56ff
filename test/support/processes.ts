// This module runs real processes: the built program itself, and workers that hold a database as no command does.

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Test } from 'tap';
import { Store } from '../../src/mvcc/store.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { projectFile } from './root.js';
import { until } from './until.js';

export const BIN = projectFile('bin/mvccw.js');
const WORKER = projectFile('test/support/database-worker.js');

/** This user id owns no files. */
export const NOBODY = 65534;

/** The environment leaves out the variables that the test runner sets for its own processes. */
const ENVIRONMENT = { PATH: process.env.PATH };

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs mvccw to its end, as user `uid` if one is given. */
export function mvccw(argv: readonly string[], { uid }: { uid?: number } = {}): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...argv], {
    encoding: 'utf8',
    env: ENVIRONMENT,
    input: '',
    ...(uid !== undefined && { uid, gid: uid }),
  });
  return { status, stdout, stderr };
}

export class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | string>;

  constructor(readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = once(child, 'close').then(([status, signal]) => status ?? signal);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when the process has printed `wanted`. */
  async waitFor(wanted: string): Promise<void> {
    const failure = () => `still not there: ${wanted}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
    await until(() => this.stdout.includes(wanted) || !this.isRunning, failure);
    if (!this.stdout.includes(wanted)) await this.ended;
    if (!this.stdout.includes(wanted)) throw new Error(failure());
  }

  async end(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal);
    return this.ended;
  }
}

function running(
  t: Test,
  command: string,
  argv: readonly string[],
  options: { uid?: number; gid?: number } = {},
): Running {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT, ...options });
  t.teardown(() => child.kill('SIGKILL'));
  return new Running(child);
}

/** Starts mvccw; the process is killed when the test ends. */
export function start(t: Test, argv: readonly string[], { uid }: { uid?: number } = {}): Running {
  return running(t, process.execPath, [BIN, ...argv], uid === undefined ? {} : { uid, gid: uid });
}

/** Starts database-worker.js, which is killed when the test ends. */
export function startWorker(t: Test, ...argv: readonly string[]): Running {
  return running(t, process.execPath, [WORKER, ...argv]);
}

export function startShell(t: Test, script: string): Running {
  return running(t, 'sh', ['-c', script]);
}

/** Puts a key with a lease that runs out at `deadlineMs`, by default in two seconds; returns the lease's id. */
export function putLeased(db: string, key: string, deadlineMs = Date.now() + 2000): string {
  const backend = new LmdbBackend(db);
  const store = new Store(backend);
  store.grantLease(0x77n, 2, deadlineMs);
  store.write((txn) => txn.put(key, Buffer.from('v'), 0x77n));
  backend.close();
  return '0000000000000077';
}
