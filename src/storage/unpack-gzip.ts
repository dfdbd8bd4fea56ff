// Unpacks a gzip file into a temporary file, since the pages of a database are read in any order. That file has no name
// for longer than a moment: only this process can read it, and it is gone when the process ends, however that comes.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { MvccwError } from '../errors.js';
import { dataOf, firstNotZero, isMember, MEMBER_END_BYTES } from './gzip-member.js';
import { ioError } from './io-error.js';
import type { OnProgress } from './listener.js';
import { ReadOnlyFile } from './read-only-file.js';

const CHUNK_BYTES = 64 * 1024;
const MODULUS = 2 ** 32;

/**
 * Returns the unpacked file, under the path of the packed one. Throws CORRUPT for a file that was cut short or is
 * damaged, IO where there is no room for it.
 */
export async function unpackGzip(packed: ReadOnlyFile, onProgress?: OnProgress): Promise<ReadOnlyFile> {
  const folder = tmpdir();
  const descriptor = openNameless(folder);
  try {
    const write = (bytes: Buffer) => writeAll(descriptor, bytes, `cannot unpack ${packed.path} into ${folder}`);
    let end = await unpackMember(packed, 0, write, onProgress);
    while (isMember(packed, end)) end = await unpackMember(packed, end, write, onProgress);
    return new ReadOnlyFile(packed.path, { descriptor, packedBytes: packed.sizeBytes, remark: restOf(packed, end) });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openNameless(folder: string): number {
  const path = join(folder, `mvccw-${randomUUID()}`);
  try {
    const descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return descriptor;
  } catch (error) {
    throw noRoom(error, `cannot make a temporary file in ${folder}`);
  }
}

function writeAll(descriptor: number, bytes: Buffer, what: string): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  } catch (error) {
    throw noRoom(error, what);
  }
}

function noRoom(error: unknown, what: string): unknown {
  const refused = ioError(error, what);
  if (!(refused instanceof MvccwError)) return refused;
  return new MvccwError('IO', refused.message, {
    cause: error,
    hint: 'a packed file is unpacked into a temporary file: free some space there, or name another folder with $TMPDIR',
  });
}

/** Unpacks the member at `start` and returns the offset behind it. */
async function unpackMember(
  packed: ReadOnlyFile,
  start: number,
  write: (bytes: Buffer) => void,
  onProgress: OnProgress | undefined,
): Promise<number> {
  const data = dataOf(packed, start);
  if (data === 'cut') throw cutShort(packed);
  if (data === 'damaged') throw damaged(packed, `no gzip writes the header at byte ${start}`);
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const chunks = Readable.from(chunksFrom(packed, data, onProgress));
  let sum = 0;
  let bytes = 0;
  try {
    for await (const part of chunks.pipe(inflater) as AsyncIterable<Buffer>) {
      write(part);
      sum = crc32(part, sum);
      bytes += part.length;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw cutShort(packed);
    if (code?.startsWith('Z_') !== true) throw error;
    throw damaged(packed, `${message} behind byte ${data + inflater.bytesWritten}`);
  } finally {
    chunks.destroy();
  }
  const end = data + inflater.bytesWritten;
  if (packed.sizeBytes - end < MEMBER_END_BYTES) throw cutShort(packed);
  const said = packed.read(end, MEMBER_END_BYTES);
  if (said.readUInt32LE(0) === sum && said.readUInt32LE(4) === bytes % MODULUS) return end + MEMBER_END_BYTES;
  throw damaged(packed, `the checksum at byte ${end} is not that of the ${bytes} bytes before it, unpacked`);
}

function* chunksFrom(packed: ReadOnlyFile, start: number, onProgress: OnProgress | undefined): Iterable<Buffer> {
  for (let at = start; at < packed.sizeBytes; at += CHUNK_BYTES) {
    onProgress?.(`unpacking ${packed.path}`, at, packed.sizeBytes);
    yield packed.read(at, Math.min(CHUNK_BYTES, packed.sizeBytes - at));
  }
}

function cutShort(packed: ReadOnlyFile): MvccwError {
  return new MvccwError(
    'CORRUPT',
    `${packed.path}: the gzip file was cut short: it ends at byte ${packed.sizeBytes}, in the middle of its contents`,
    { hint: 'copy it again, or pack it again' },
  );
}

function damaged({ path }: ReadOnlyFile, what: string): MvccwError {
  return new MvccwError('CORRUPT', `${path}: the gzip file is damaged: ${what}`, {
    hint: 'copy it again, or pack it again',
  });
}

/** Says what follows the last member. Zeros do not count: tapes and some tools fill their last block with them. */
function restOf(packed: ReadOnlyFile, end: number): string | undefined {
  if (firstNotZero(packed, end) === undefined) return undefined;
  const restBytes = packed.sizeBytes - end;
  const follow = restBytes === 1 ? '1 byte follows' : `${restBytes} bytes follow`;
  return `${follow} the gzip data, which ends at byte ${end}; they are not read: something was added to the file`;
}
