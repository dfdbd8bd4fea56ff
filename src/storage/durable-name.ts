// A file survives a power loss under its name only when the directory, too, has been written to the disk.

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Writes a file, or the names in a directory, to the disk. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes what is new in a directory, and the directory's own name, as far as the system lets us. */
export function makeNamesDurable(directory: string): void {
  for (const path of [directory, dirname(resolve(directory))]) {
    try {
      sync(path);
    } catch {
      // Not every file system can, and a parent may be unreadable.
    }
  }
}
