// Opens a file for reading, which may be packed with gzip.

import { isMember } from './gzip-member.js';
import type { OnProgress } from './listener.js';
import { ReadOnlyFile } from './read-only-file.js';

/** Opens a file. Of a packed one, what it holds is read. Throws IO, or CORRUPT if it cannot be unpacked. */
export async function openUnpacked(path: string, onProgress?: OnProgress): Promise<ReadOnlyFile> {
  const file = new ReadOnlyFile(path);
  try {
    if (!isMember(file)) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  const { unpackGzip } = await import('./unpack-gzip.js');
  return unpackGzip(file, onProgress).finally(() => file.close());
}
