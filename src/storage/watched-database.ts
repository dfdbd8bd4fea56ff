// What a watch reads from: a database that others write to, or one that stays as it is.

import type { StoreReader } from '../mvcc/store.js';

export interface WatchedDatabase {
  /** Runs `body` on what is committed now. The store may be used only inside `body`. */
  read<T>(body: (store: StoreReader) => T): T;
  /** Resolves when something may be new, or after `ms`. */
  rest(ms: number): Promise<void>;
  /** Waits for `work` and returns its result. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Ends a rest. */
  wake(): void;
  close(): void;
}

/** A database that nobody writes to. It is opened and closed elsewhere. */
export class FixedDatabase implements WatchedDatabase {
  constructor(private readonly store: StoreReader) {}

  read<T>(body: (store: StoreReader) => T): T {
    return body(this.store);
  }

  async rest(): Promise<void> {}

  during<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  wake(): void {}

  close(): void {}
}
