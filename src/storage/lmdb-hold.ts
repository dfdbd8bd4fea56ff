// An LmdbHold keeps an environment open whose locks are known to work.
//
// The last process to close an environment destroys the mutexes in its lock file. A process that opens it at that very
// moment waits, and then goes on with mutexes that no longer exist. They fail with EINVAL for that process, and for
// every process that comes while it stays; and lmdb ignores that the write lock fails. So an environment is opened here
// first, and a mutex is tried, before lmdb opens it. If the mutex fails, everything is closed and tried again a little
// later: the process that then comes first makes the mutexes anew. While a hold lasts, no process is the last.

import * as lmdb from 'lmdb';
import { MvccwError } from '../errors.js';

/** The native part of lmdb, which it exports without declaring it. */
interface NativeAddon {
  Env: new () => NativeEnv;
  /** A transaction of an environment. */
  Txn: new (
    env: NativeEnv,
    flags: number,
  ) => { abort(): void };
}

interface NativeEnv {
  open(options: object, flags: number, jsFlags: number): void;
  /** Frees the slots of readers that have died. */
  readerCheck(): number;
  close(): void;
}

const { Env, Txn } = (lmdb as unknown as { nativeAddon: NativeAddon }).nativeAddon;

const READ_ONLY = 0x20000;
const NO_SYNC = 0x10000;
const EINVAL = 22;

/** The sizes that lmdb itself chooses: that of the map at first, and the room for its keys. */
const MAP_SIZE_BYTES = 0x20000;
const KEY_BUFFER_BYTES = 4096;

/** How long an environment whose mutexes do not work is tried again: far longer than another process takes to leave. */
const MAX_WAIT_MS = 10_000;
const MAX_PAUSE_MS = 10;

export interface LmdbHoldOptions {
  readonly readOnly: boolean;
  readonly noSync: boolean;
  readonly maxDbs: number;
  readonly maxReaders: number;
  readonly permissionsMode: number;
}

export class LmdbHold {
  private readonly env: NativeEnv;

  /** Throws the errors of LMDB, and IO if the locks stay out of order. */
  constructor(path: string, { readOnly, noSync, ...options }: LmdbHoldOptions) {
    const flags = (readOnly ? READ_ONLY : 0) | (noSync ? NO_SYNC : 0);
    const until = performance.now() + MAX_WAIT_MS;
    while (true) {
      const env = new Env();
      const keyBytes = Buffer.allocUnsafeSlow(KEY_BUFFER_BYTES);
      env.open({ ...options, path, mapSize: MAP_SIZE_BYTES, keyBytes }, flags, 0);
      if (canLock(env)) {
        this.env = env;
        return;
      }
      env.close();
      if (performance.now() > until) throw outOfOrder(path);
      pause(Math.random() * MAX_PAUSE_MS);
    }
  }

  close(): void {
    this.env.close();
  }
}

function outOfOrder(path: string): MvccwError {
  return new MvccwError('IO', `cannot open ${path}: the mutexes in its lock file are out of order`, {
    hint: 'end all processes that have it open, then try again',
  });
}

function canLock(env: NativeEnv): boolean {
  try {
    env.readerCheck();
    new Txn(env, READ_ONLY).abort();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === EINVAL) return false;
    env.close();
    throw error;
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
