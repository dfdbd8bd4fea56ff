// Which file stands behind a path, so that one that was replaced by another of the same name is noticed.

import { statSync } from 'node:fs';

/** Equal for as long as the path names the same file; undefined where there is none. */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}
