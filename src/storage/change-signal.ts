// A ChangeSignal wakes a process that waits for another process to commit. The kernel reports each write to the data
// file. Where it cannot (a network file system, no watches left), the wait is short.

import { type FSWatcher, watch } from 'node:fs';
import { DATA_FILE } from './check-lmdb-directory.js';

/**
 * The delays after which a waiting process is woken again. LMDB announces a commit a moment after its last write to the
 * file, and the kernel reports nothing after that write, so a look right after it may come too early.
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
