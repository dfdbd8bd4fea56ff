// This module runs whole commands through main(argv, io), with a test's own streams in place of the process's.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { type Database, open } from 'lmdb';
import type { Test } from 'tap';
import { main } from '../../src/cli.js';
import type { EndingSignal } from '../../src/errors.js';
import { TABLE_NAMES, type TableName } from '../../src/mvcc/backend.js';
import { type WritableDatabase, withWritableDatabase } from '../../src/storage/database.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';

/** Accepts bytes like a terminal or a pipe; after `closeAfterBytes` every write fails with `closeWith`. */
export class Sink extends Writable {
  private readonly chunks: Buffer[] = [];
  private takenBytes = 0;

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
    private readonly closeAfterBytes = Number.POSITIVE_INFINITY,
    private readonly closeWith = 'EPIPE',
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (this.takenBytes >= this.closeAfterBytes) {
      done(Object.assign(new Error(`write ${this.closeWith}`), { code: this.closeWith }));
      return;
    }
    this.takenBytes += chunk.length;
    this.chunks.push(chunk);
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export interface RunOptions {
  /** Both outputs are terminals if this is set. */
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The time, or a clock. */
  readonly nowMs?: number | (() => number);
  readonly stdin?: string | Buffer;
  /** The reader of stdout closes it after this many bytes. */
  readonly closeAfterBytes?: number;
  /** A write then fails with this error, EPIPE by default. */
  readonly closeWith?: string;
  /** The outputs are decoded with this encoding; latin1 has one char per byte. */
  readonly encoding?: 'utf8' | 'latin1';
  /** This function receives the handler that a command registers for Ctrl-C. */
  readonly onInterrupt?: (handler: (signal: EndingSignal) => void) => void;
}

/** Returns a clock of which each look takes a second, so that all work takes long. */
export function slowClock(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 1000;
    return nowMs;
  };
}

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { isTTY = false, columns = 100, encoding = 'utf8' } = options;
  const stdout = new Sink(isTTY, columns, options.closeAfterBytes, options.closeWith);
  const stderr = new Sink(isTTY, columns);
  const exitCode = await runInto(stdout, stderr, argv, options);
  return { exitCode, stdout: stdout.bytes().toString(encoding), stderr: stderr.bytes().toString(encoding) };
}

/** Runs a command and returns stdout and stderr merged, in the order in which they were written. */
export async function runMerged(
  argv: readonly string[],
  options: RunOptions = {},
): Promise<{ exitCode: number; output: string }> {
  const both = new Sink(false, 100);
  const exitCode = await runInto(both, both, argv, options);
  return { exitCode, output: both.bytes().toString() };
}

function runInto(stdout: Sink, stderr: Sink, argv: readonly string[], options: RunOptions): Promise<number> {
  const { isTTY = false, env = {}, nowMs = 0, stdin = '' } = options;
  return main(argv, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY }),
    stdout,
    stderr,
    env,
    now: typeof nowMs === 'function' ? nowMs : () => nowMs,
    onInterrupt(handler) {
      options.onInterrupt?.(handler);
      return () => undefined;
    },
  });
}

/** Runs a command that must succeed with nothing on stderr, and returns its stdout. */
export async function stdoutOf(t: Test, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, ...rest } = await runCli(argv, options);
  t.strictSame(rest, { exitCode: 0, stderr: '' }, argv.join(' '));
  return stdout;
}

/** Creates a folder that is removed when the test ends. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'mvccw-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Imports an etcd file into a folder and returns the path of the new database. */
export async function importInto(t: Test, file: string, folder: string, stderr: string | RegExp = ''): Promise<string> {
  const imported = join(folder, 'imported.db');
  t.match(await runCli(['import', file, '--db', imported]), { exitCode: 0, stderr }, 'import');
  return imported;
}

/** Creates a database, lets `fill` write to it, and returns its path. */
export async function newDatabase(t: Test, fill: (database: WritableDatabase) => void): Promise<string> {
  const path = join(temporaryFolder(t), 'mvccw.db');
  await withWritableDatabase(path, async (database) => fill(database));
  return path;
}

type Rows = Database<Buffer, Buffer>;

/** Runs `change` on a table as it lies in the file: without sums, totals and marks being kept up. */
export function tamperRows<T>(path: string, table: TableName, change: (rows: Rows) => T): T {
  const options = { keyEncoding: 'binary', encoding: 'binary' } as const;
  const root = open({ ...options, path, noSubdir: false, maxDbs: TABLE_NAMES.length, overlappingSync: false });
  const rows: Rows = root.openDB(table, options);
  const result = root.transactionSync(() => change(rows));
  void root.close();
  return result;
}

/** Runs `change` directly on the tables of a database: sums and totals are kept up, and nothing else. */
export function tamper(path: string, change: (backend: LmdbBackend) => void): void {
  const backend = new LmdbBackend(path);
  backend.transaction(() => change(backend));
  backend.close();
}
