// Unpacks what is read, piece by piece, where it is packed with gzip.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MvccwError } from '../errors.js';

type Pieces = AsyncIterable<Buffer | string>;

const MAGIC = Buffer.from([0x1f, 0x8b]);

/** Yields the pieces, unpacked if they begin as gzip does. Throws CORRUPT for what was cut short or is damaged. */
export async function* unpackedPieces(pieces: Pieces): Pieces {
  const iterator = pieces[Symbol.asyncIterator]();
  const begun: Buffer[] = [];
  let begunBytes = 0;
  const all = async function* () {
    yield* begun;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  try {
    while (begunBytes < MAGIC.length) {
      const next = await iterator.next();
      if (next.done) break;
      const piece = Buffer.from(next.value as Buffer);
      begun.push(piece);
      begunBytes += piece.length;
    }
    const isPacked = Buffer.concat(begun).subarray(0, MAGIC.length).equals(MAGIC);
    yield* isPacked ? unpacked(all()) : all();
  } finally {
    await iterator.return?.();
  }
}

async function* unpacked(pieces: Pieces): Pieces {
  const source = Readable.from(pieces);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') !== true) throw error;
    const what = code === 'Z_BUF_ERROR' ? 'it was cut short' : `it is damaged: ${message}`;
    throw new MvccwError('CORRUPT', `what is packed with gzip cannot be unpacked: ${what}`, {
      hint: 'copy it again, or pack it again',
    });
  } finally {
    source.destroy();
  }
}
