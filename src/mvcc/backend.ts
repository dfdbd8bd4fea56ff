// The port between the store and the place where its bytes are: five ordered tables of bytes, which are read as of one
// moment and written in all-or-nothing transactions. src/storage implements it over LMDB and, for reading, over etcd's
// files; memory-backend.ts implements it for tests and for indexes that are built when they are needed.

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
  /** Yields the entries in ascending order. Leaving the loop early releases the cursor. The caller may keep the buffers. */
  entries(range?: ByteRange): Iterable<Entry>;
  /** Returns the greatest entry in the range. */
  last(range?: ByteRange): Entry | undefined;
  /** Returns the number of entries in the whole table. */
  size(): number;
}

export interface Table extends ReadTable {
  put(key: Buffer, value: Buffer): void;
  /** Removes the entry if there is one. */
  delete(key: Buffer): void;
}

export interface ReadBackend {
  readonly tables: Readonly<Record<TableName, ReadTable>>;
  /** A table of leases with their attached keys; undefined if `lease` itself has the attachments. */
  readonly attachments?: ReadTable | undefined;
  /** The format of a database of mvccw. */
  readonly format?: number;
  /** The size of the backend in the place where its bytes are. */
  sizeBytes(): number;
  close(): void;
}

export interface Backend extends ReadBackend {
  readonly tables: Readonly<Record<TableName, Table>>;
  /** Runs `body` as one write transaction. All of it is durable when this returns; if it throws, none of it happened. */
  transaction<T>(body: () => T): T;
}
