// Finds out whether anybody still reads a pipe that mvccw writes to. Node.js learns of a closed pipe only when it
// writes, and a watch may have nothing to write for hours, while `mvccw watch … | head -1` waits for it to end. On
// Linux, /proc tells which processes have the other end open. One of them is remembered, and another is looked for when
// it lets go.
//
// When no reader can be seen (on another system, or a reader of another user), the pipe counts as read.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The number of looks without success before the reader counts as gone: it may be about to hand on the pipe. */
const PATIENCE = 2;

const ACCESS_MODE_BITS = 3;
const READ_ONLY = 0;

export class PipeReader {
  /** The pipe as /proc names it, `pipe:[12345]`; undefined when the output is something else. */
  private readonly pipe: string | undefined;
  /** The file of /proc that stands for a reader's end. */
  private reader: string | undefined;
  private misses = 0;

  constructor(descriptor: number) {
    const target = linkTarget(`/proc/self/fd/${descriptor}`);
    this.pipe = target?.startsWith('pipe:') ? target : undefined;
  }

  /** Tells whether the reader is gone. It costs one system call as long as the same process reads. */
  isGone(): boolean {
    if (this.pipe === undefined) return false;
    if (this.reader !== undefined && this.holds(this.reader)) {
      this.misses = 0;
      return false;
    }
    const found = this.findReader();
    if (found !== undefined) {
      this.reader = found;
      this.misses = 0;
      return false;
    }
    if (this.reader === undefined) return false;
    this.misses++;
    return this.misses >= PATIENCE;
  }

  /** Tells whether the process holds the pipe; true as well when the system does not say. */
  private holds(reader: string): boolean {
    try {
      return readlinkSync(reader) === this.pipe;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EACCES';
    }
  }

  private findReader(): string | undefined {
    for (const owner of entriesOf('/proc')) {
      if (!/^[0-9]+$/.test(owner)) continue;
      for (const descriptor of entriesOf(`/proc/${owner}/fd`)) {
        const file = `/proc/${owner}/fd/${descriptor}`;
        if (linkTarget(file) === this.pipe && isForReading(`/proc/${owner}/fdinfo/${descriptor}`)) return file;
      }
    }
    return undefined;
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isForReading(fdinfo: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(fdinfo, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE_BITS) === READ_ONLY;
  } catch {
    return false;
  }
}
