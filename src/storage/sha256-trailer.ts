// Checks and adds the SHA-256 that `etcdctl snapshot save` appends to the database. Pages come in multiples of 512 bytes, so 32
// bytes too many show that it is there (hasChecksum in etcd's snapshot package).

import { createHash } from 'node:crypto';
import { MvccwError } from '../errors.js';
import type { ReadOnlyFile } from './read-only-file.js';

const PAGE_UNIT_BYTES = 512;
export const DIGEST_BYTES = 32;
const CHUNK_BYTES = 1024 * 1024;

export type OnBytes = (doneBytes: number, totalBytes: number) => void;

export function hasTrailer(sizeBytes: number): boolean {
  return sizeBytes % PAGE_UNIT_BYTES === DIGEST_BYTES;
}

/** Checks the digest of a file. Throws CORRUPT if it is not that of the bytes before it. */
export function verifyTrailer(file: ReadOnlyFile, onProgress?: OnBytes): 'ok' | 'absent' {
  if (!hasTrailer(file.sizeBytes)) return 'absent';
  const totalBytes = file.sizeBytes - DIGEST_BYTES;
  const found = digest(file, totalBytes, onProgress);
  const expected = file.read(totalBytes, DIGEST_BYTES).toString('hex');
  if (found === expected) return 'ok';
  throw new MvccwError(
    'CORRUPT',
    `${file.path}: the SHA-256 of the first ${totalBytes} bytes is ${found}, but its last ${DIGEST_BYTES} bytes say ${expected}`,
    { hint: 'the snapshot changed after it was taken: copy it again, or take a new one' },
  );
}

function digest(file: ReadOnlyFile, totalBytes: number, onProgress: OnBytes | undefined): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, totalBytes));
  for (let done = 0; done < totalBytes; ) {
    const part = chunk.subarray(0, Math.min(chunk.length, totalBytes - done));
    file.readInto(part, done);
    hash.update(part);
    done += part.length;
    onProgress?.(done, totalBytes);
  }
  return hash.digest('hex');
}
