// Reads recorded watch streams. A file is read twice where the first pass has to tell what was watched.

import { MvccwError } from '../errors.js';
import { StreamReader } from '../inspect/verify/read-stream.js';
import type { RecordedItem } from '../inspect/verify/recorded.js';
import { WatchedGuess } from '../inspect/verify/watched-guess.js';
import { piecesOf } from './lines.js';
import { unpackedPieces } from './unpacked-pieces.js';

const STDIN = '-';

export interface RecordedStream {
  /** The name for messages. */
  readonly name: string;
  /** Whether it can be read only once. */
  readonly isPipe: boolean;
  pieces(): AsyncIterable<Buffer | string>;
}

/** Names a stream; - is stdin. */
export function recordedStream(path: string, stdin: AsyncIterable<Buffer | string>): RecordedStream {
  if (path === STDIN) return { name: 'stdin', isPipe: true, pieces: () => stdin };
  return { name: path, isPipe: false, pieces: () => piecesOf(path) };
}

/**
 * Yields the items of a stream, a piece of the file at a time, and returns the line of a value that was cut short at the
 * end. Throws IO, CORRUPT or FORMAT.
 */
export async function* readItems(stream: RecordedStream): AsyncGenerator<readonly RecordedItem[], number | undefined> {
  const reader = new StreamReader();
  try {
    for await (const piece of unpackedPieces(stream.pieces())) yield reader.push(Buffer.from(piece as Buffer));
  } catch (error) {
    throw error instanceof MvccwError && error.code !== 'IO' && error.code !== 'USAGE'
      ? error.under(stream.name)
      : error;
  }
  return reader.cutAt;
}

/** Reads a file to the end, or until it describes its watches, and returns what is certain of them. */
export async function guessWatches(stream: RecordedStream): Promise<WatchedGuess> {
  const guess = new WatchedGuess();
  if (stream.isPipe) return guess;
  for await (const items of readItems(stream)) {
    for (const item of items) if (!guess.add(item)) return guess;
  }
  return guess;
}
