// This module proves that a command has only read a file.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Returns everything that a write to the file, or next to it, would change. */
export function fingerprint(path: string): object {
  const { size, mtimeMs, ctimeMs, ino, mode } = statSync(path);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { sha256, size, mtimeMs, ctimeMs, ino, mode, beside: readdirSync(dirname(path)).sort() };
}
