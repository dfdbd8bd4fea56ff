// Tells which file stands at a path, so that a file that was replaced by another of the same name is noticed.

import { statSync } from 'node:fs';

/**
 * Returns a text that stays equal while the path names the same file; undefined if there is no file. The time of birth is
 * part of it, as the number of an inode is used again once its file is gone.
 */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}
