// Reads text files that a user names. They may be packed with gzip.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MvccwError } from '../errors.js';
import { ioError } from './io-error.js';

/** Reads a text file. Throws IO, or CORRUPT for a gzip file that cannot be unpacked. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new MvccwError('CORRUPT', `cannot unpack ${path}`, { cause: error });
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw ioError(error, `cannot read ${path}`);
  }
}
