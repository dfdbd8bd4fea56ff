// Tells which file stands at a path, so that a file that was replaced by another of the same name is noticed.

import { closeSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';

/**
 * Returns a text that stays equal while the path names the same file; undefined if there is no file. Once a file is gone,
 * another may have its inode and so its identity: only the identity of a file that somebody holds open is sure.
 */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : identityOf(stats);
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/** A HeldFile keeps a file open, so that its identity stays its own. */
export class HeldFile {
  readonly identity: string;

  private constructor(
    private readonly descriptor: number,
    private readonly path: string,
  ) {
    this.identity = identityOf(fstatSync(descriptor));
  }

  /** Holds the file at `path`; returns undefined if there is none. */
  static at(path: string): HeldFile | undefined {
    try {
      return new HeldFile(openSync(path, 'r'), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Tells whether another file, or none, stands at the path now. */
  isReplaced(): boolean {
    return fileIdentity(this.path) !== this.identity;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
