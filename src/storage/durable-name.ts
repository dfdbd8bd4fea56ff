// Makes names of files durable: a file survives a power loss under its name only if its directory was written to the
// disk too.

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

/** Writes the names in a directory, and the name of the directory, to the disk, as far as the system allows it. */
export function makeNamesDurable(directory: string): void {
  for (const path of [directory, dirname(resolve(directory))]) {
    try {
      sync(path);
    } catch {
      // Not every file system can do this, and the parent may be unreadable.
    }
  }
}
