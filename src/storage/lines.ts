// Splits what is read, piece by piece, into lines.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Bytes } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

const PIECE_BYTES = 1024 * 1024;

/**
 * Yields lines, each as soon as it is whole. Text behind the last newline is a line too. Throws what `tooLong` returns for
 * a line of more than `maxBytes`.
 */
export async function* linesOf(
  pieces: AsyncIterable<Buffer | string>,
  maxBytes: number,
  tooLong: () => Error,
): AsyncIterable<Bytes> {
  // The pieces of a line are joined once it is whole, so that a long line takes no more time than many short ones.
  let begun: string[] = [];
  let begunBytes = 0;
  for await (const piece of pieces) {
    const [first = '', ...others] = Buffer.from(piece as Buffer)
      .toString('latin1')
      .split('\n');
    begun.push(first);
    begunBytes += first.length;
    if (begunBytes > maxBytes) throw tooLong();
    const last = others.pop();
    if (last === undefined) continue;
    yield begun.join('') as Bytes;
    yield* others as Bytes[];
    begun = [last];
    begunBytes = last.length;
  }
  const rest = begun.join('');
  if (rest !== '') yield rest as Bytes;
}

/** Yields a file in pieces. Throws IO. */
export async function* piecesOf(path: string): AsyncIterable<Buffer> {
  const what = `cannot read ${path}`;
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer. It changes nothing for regular files.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) {
      throw new MvccwError('IO', `${what}: it is no regular file`, { hint: 'name a file, or - for stdin' });
    }
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const length = readSync(descriptor, piece);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } catch (error) {
    throw ioError(error, what);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
