// Wakes whoever waits for another process to commit. The kernel tells of each write to the data file; where it cannot
// (a network file system, no watches left), waiting is short.

import { type FSWatcher, watch } from 'node:fs';
import { DATA_FILE } from './check-lmdb-directory.js';

/**
 * LMDB announces a commit a moment after its last write to the file, and that write is the last the kernel tells of:
 * so a look right after it may come too early, and is repeated.
 */
const ECHOES_MS = [1, 5, 25];

const POLL_MS = 40;

export class ChangeSignal {
  private watcher: FSWatcher | undefined;
  private changed = false;
  private resume: (() => void) | undefined;
  private echo: NodeJS.Timeout | undefined;

  constructor(directory: string) {
    try {
      this.watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name === DATA_FILE || name === null) this.announce(0);
      });
      this.watcher.on('error', () => {
        this.watcher?.close();
        this.watcher = undefined;
      });
    } catch {
      this.watcher = undefined;
    }
  }

  /** Resolves when something may have changed since the last call, or after `ms`. */
  async wait(ms: number): Promise<void> {
    const waitMs = this.watcher === undefined ? Math.min(ms, POLL_MS) : ms;
    if (!this.changed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.resume = undefined;
    }
    this.changed = false;
  }

  wake(): void {
    this.changed = true;
    this.resume?.();
  }

  private announce(echoes: number): void {
    this.wake();
    clearTimeout(this.echo);
    const echoMs = ECHOES_MS[echoes];
    if (echoMs !== undefined) this.echo = setTimeout(() => this.announce(echoes + 1), echoMs);
  }

  close(): void {
    clearTimeout(this.echo);
    this.watcher?.close();
    this.watcher = undefined;
  }
}
