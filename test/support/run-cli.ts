// Runs whole commands through main(argv, io), with an outside of our own in place of the process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Test } from 'tap';
import { main } from '../../src/cli.js';
import type { EndingSignal } from '../../src/errors.js';
import { type WritableDatabase, withWritableDatabase } from '../../src/storage/database.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';

/** Takes bytes like a terminal or a pipe; after `closeAfterBytes` every write fails with `closeWith`. */
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
  /** Both outputs are terminals. */
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
  readonly stdin?: string | Buffer;
  /** The reader of stdout goes away once it has this many bytes. */
  readonly closeAfterBytes?: number;
  /** The error that a write then gets; EPIPE by default. */
  readonly closeWith?: string;
  /** How to read the outputs; latin1 gives a char a byte. */
  readonly encoding?: 'utf8' | 'latin1';
  /** Called with what a command registers for Ctrl-C. */
  readonly onInterrupt?: (handler: (signal: EndingSignal) => void) => void;
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

/** Runs a command with both outputs in one place, in the order in which they come. */
export async function runMerged(argv: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const both = new Sink(false, 100);
  const exitCode = await runInto(both, both, argv, {});
  return { exitCode, output: both.bytes().toString() };
}

function runInto(stdout: Sink, stderr: Sink, argv: readonly string[], options: RunOptions): Promise<number> {
  const { isTTY = false, env = {}, nowMs = 0, stdin = '' } = options;
  return main(argv, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY }),
    stdout,
    stderr,
    env,
    now: () => nowMs,
    onInterrupt(handler) {
      options.onInterrupt?.(handler);
      return () => undefined;
    },
  });
}

/** Runs a command that must end well and say nothing on stderr; gives its stdout. */
export async function stdoutOf(t: Test, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, ...rest } = await runCli(argv, options);
  t.strictSame(rest, { exitCode: 0, stderr: '' }, argv.join(' '));
  return stdout;
}

/** A folder that goes away with the test. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'mvccw-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Imports an etcd file into a folder, and returns the path of the new database. */
export async function importInto(t: Test, file: string, folder: string): Promise<string> {
  const imported = join(folder, 'imported.db');
  t.match(await runCli(['import', file, '--db', imported]), { exitCode: 0, stderr: '' }, 'import');
  return imported;
}

/** The path of a database that `fill` has written to. */
export async function newDatabase(t: Test, fill: (database: WritableDatabase) => void): Promise<string> {
  const path = join(temporaryFolder(t), 'mvccw.db');
  await withWritableDatabase(path, async (database) => fill(database));
  return path;
}

/** Runs `change` on the tables of a database, past all checks. */
export function tamper(path: string, change: (backend: LmdbBackend) => void): void {
  const backend = new LmdbBackend(path);
  backend.transaction(() => change(backend));
  backend.close();
}
