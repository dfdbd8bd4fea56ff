// The port between the store and wherever its bytes live: five ordered tables of bytes, read at one moment and
// written in all-or-nothing transactions. src/storage implements it over LMDB and, for reading, over etcd's files;
// memory-backend.ts implements it for tests and for indexes that are built on the fly.

import type { ByteRange } from '../bytes/byte-range.js';

/** The named tables of a backend. */
export const TABLE_NAMES = ['key', 'meta', 'lease', 'index', 'watch'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface ReadTable {
  get(key: Buffer): Buffer | undefined;
  /** Entries in ascending order. Leaving the loop early releases the cursor. The buffers are the caller's to keep. */
  entries(range?: ByteRange): Iterable<Entry>;
  /** The greatest entry within the range. */
  last(range?: ByteRange): Entry | undefined;
  /** The number of entries in the whole table. */
  size(): number;
}

export interface Table extends ReadTable {
  put(key: Buffer, value: Buffer): void;
  /** Removes the entry if it is there. */
  delete(key: Buffer): void;
}

export interface ReadBackend {
  readonly tables: Readonly<Record<TableName, ReadTable>>;
  /** A table of leases with their keys attached; undefined where `lease` has the attachments itself. */
  readonly attachments?: ReadTable | undefined;
  /** The bytes the backend takes up where it lives. */
  sizeBytes(): number;
  close(): void;
}

export interface Backend extends ReadBackend {
  readonly tables: Readonly<Record<TableName, Table>>;
  /** Runs `body` as one write transaction: all of it becomes durable before this returns, or, if it throws, none. */
  transaction<T>(body: () => T): T;
}
