// Text files that a user names.

import { readFileSync } from 'node:fs';
import { ioError } from './io-error.js';

/** Reads a text file. Throws IO. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw ioError(error, `cannot read ${path}`);
  }
}
