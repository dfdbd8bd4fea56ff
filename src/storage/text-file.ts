// Reads text files that a user names, up to a bound. They may be packed with gzip, and may be pipes: `<(command)` of a
// shell is one. A device, or a pipe that nobody writes to, is an error and never a wait without end.

import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { gunzipSync } from 'node:zlib';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

export interface TextFileOptions {
  /** The most bytes that are read, and that a packed file may become. */
  readonly maxBytes: number;
  /** What the file holds, for messages: `a scenario`. */
  readonly what: string;
  /** How long a named pipe may have no writer. */
  readonly maxWaitMs?: number;
}

const STDIN = 0;
/** The names of stdin. It is not opened again, because a socket cannot be. */
const STDIN_NAMES = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

const CHUNK_BYTES = 64 * 1024;
const PAUSE_MS = 10;
const MAX_WAIT_MS = 5000;

/**
 * Reads a text file; `-` is stdin. Throws IO, USAGE for a file that is larger than the bound or not UTF-8, or CORRUPT for
 * a gzip file that cannot be unpacked.
 */
export function readText(path: string, options: TextFileOptions): string {
  const bytes = readBytes(path, options);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes, path, options) : bytes;
  if (isUtf8(text)) return text.toString('utf8');
  throw new MvccwError('USAGE', `${path} is not text in UTF-8`, { hint: `${options.what} is a text file` });
}

function unpack(bytes: Buffer, path: string, options: TextFileOptions): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: options.maxBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`${path} has, unpacked,`, options);
    throw new MvccwError('CORRUPT', `cannot unpack ${path}`, { cause: error });
  }
}

function tooLarge(found: string, { maxBytes, what }: TextFileOptions): MvccwError {
  return new MvccwError('USAGE', `${found} more than ${maxBytes} bytes`, {
    hint: `${what} may have ${maxBytes} bytes`,
  });
}

function readBytes(path: string, options: TextFileOptions): Buffer {
  const isStdin = STDIN_NAMES.includes(path);
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer. It changes nothing for regular files.
    descriptor = isStdin ? STDIN : openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    refuseKind(path, stats, descriptor);
    if (stats.isFile() && stats.size > options.maxBytes)
      throw tooLarge(`${path} has ${stats.size} bytes, which is`, options);
    const mayBeUnopened = stats.isFIFO() && !isStdin && !isUnnamed(descriptor);
    return readAll(descriptor, path, options, { isFile: stats.isFile(), mayBeUnopened });
  } catch (error) {
    throw ioError(error, `cannot read ${path}`);
  } finally {
    if (descriptor !== undefined && !isStdin) closeSync(descriptor);
  }
}

function refuseKind(path: string, stats: Stats, descriptor: number): void {
  if (stats.isFile() || stats.isFIFO() || stats.isSocket() || isatty(descriptor)) return;
  const kind = stats.isDirectory() ? 'a directory' : 'a device';
  throw new MvccwError('IO', `cannot read ${path}: it is ${kind}`, { hint: 'name a file, a pipe, or - for stdin' });
}

/** Tells a pipe that has no name, and so a writer from the beginning. Only Linux says which one it is. */
function isUnnamed(descriptor: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('pipe:');
  } catch {
    return false;
  }
}

interface FileKind {
  readonly isFile: boolean;
  /** Whether it is a pipe that perhaps nobody has opened for writing yet. */
  readonly mayBeUnopened: boolean;
}

/**
 * Reads to the end, whatever the size says: files of /proc have none, and some of them never end. A pipe is waited for
 * as long as it has a writer.
 */
function readAll(descriptor: number, path: string, options: TextFileOptions, kind: FileKind): Buffer {
  const { maxBytes, maxWaitMs = MAX_WAIT_MS } = options;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let hasWriter = !kind.mayBeUnopened;
  let waitedMs = 0;
  for (;;) {
    const chunk = readChunk(descriptor);
    if (chunk?.length === 0 && hasWriter) return Buffer.concat(chunks);
    if (chunk !== undefined && chunk.length > 0) {
      hasWriter = true;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(`${path} has`, options);
      continue;
    }
    if (chunk === undefined && !kind.isFile) hasWriter = true;
    else if (waitedMs >= maxWaitMs) throw nothingToRead(path, maxWaitMs);
    pause();
    waitedMs += PAUSE_MS;
  }
}

function nothingToRead(path: string, waitedMs: number): MvccwError {
  return new MvccwError('IO', `cannot read ${path}: for ${waitedMs / 1000} s nothing was written to it`, {
    hint: 'name a file, or start what writes to the pipe',
  });
}

/** Returns what is there, up to a chunk; nothing at the end; undefined when a writer has yet to write. */
function readChunk(descriptor: number): Buffer | undefined {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    return chunk.subarray(0, readSync(descriptor, chunk));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return undefined;
    throw error;
  }
}

const clock = new Int32Array(new SharedArrayBuffer(4));

function pause(): void {
  Atomics.wait(clock, 0, 0, PAUSE_MS);
}
