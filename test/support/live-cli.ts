// This module starts commands that run until something ends them, while the test writes to their database.

import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Test } from 'tap';
import { main } from '../../src/cli.js';
import type { EndingSignal } from '../../src/errors.js';
import { Store } from '../../src/mvcc/store.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { Sink, temporaryFolder } from './run-cli.js';
import { until } from './until.js';

export interface LiveOptions {
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** The reader of stdout closes it after this many bytes. */
  readonly closeAfterBytes?: number;
  /** The reader of stdout never reads anything if this is set. */
  readonly stuck?: boolean;
}

class StuckSink extends Sink {
  override _write(): void {}
}

export class LiveCli {
  readonly stdin: PassThrough & { isTTY: boolean };
  readonly exitCode: Promise<number>;
  /** Resolves when the command has begun: it listens for Ctrl-C, and its watch is in force. */
  readonly started: Promise<void>;
  private readonly out: Sink;
  private readonly err: Sink;
  private onInterrupt: (signal: EndingSignal) => void = () => {};

  constructor(argv: readonly string[], options: LiveOptions = {}) {
    const { isTTY = false, env = {}, now = Date.now, closeAfterBytes, stuck = false } = options;
    this.out = new (stuck ? StuckSink : Sink)(isTTY, 100, closeAfterBytes);
    this.err = new Sink(isTTY, 100);
    this.stdin = Object.assign(new PassThrough(), { isTTY });
    let begin = () => {};
    this.started = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.exitCode = main(argv, {
      stdin: this.stdin,
      stdout: this.out,
      stderr: this.err,
      env,
      now,
      onInterrupt: (handler) => {
        this.onInterrupt = handler;
        begin();
        return () => {
          this.onInterrupt = () => {};
        };
      },
    });
  }

  get stdout(): string {
    return this.out.bytes().toString('utf8');
  }

  get stderr(): string {
    return this.err.bytes().toString('utf8');
  }

  /** Returns stdout parsed as JSON lines. */
  get lines(): { Header: { revision?: number }; Events: { kv: { mod_revision: number; key: string } }[] }[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Resolves when the command has printed `wanted`, or when `wanted` returns true. */
  async waitFor(wanted: string | (() => boolean)): Promise<void> {
    const holds = typeof wanted === 'string' ? () => this.stdout.includes(wanted) : wanted;
    await until(holds, () => `still not there: ${wanted}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`);
  }

  /** Sends Ctrl-C or another ending signal, and returns the exit code. */
  async interrupt(signal: EndingSignal = 'SIGINT'): Promise<number> {
    await Promise.race([this.started, this.exitCode]);
    this.onInterrupt(signal);
    return this.exitCode;
  }
}

export interface LiveDatabase {
  readonly path: string;
  readonly store: Store;
  put(key: string, value?: string): number;
  watch(...argv: string[]): LiveCli;
}

/**
 * Returns a database that stays open for writing throughout the test. A process has one lmdb environment for a
 * directory; if that were opened for reading first, nothing in the process could write to it.
 */
export function liveDatabase(t: Test): LiveDatabase {
  const path = join(temporaryFolder(t), 'db');
  const backend = new LmdbBackend(path);
  t.teardown(() => backend.close());
  const store = new Store(backend);
  return {
    path,
    store,
    put: (key, value = 'v') => store.write((txn) => txn.put(key, Buffer.from(value, 'latin1'))).revision,
    watch: (...argv) => new LiveCli(['--db', path, 'watch', ...argv]),
  };
}
