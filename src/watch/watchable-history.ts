// What the watch engine reads, and its parameters.

import type { StoredRecord } from '../mvcc/record.js';

/** What the engine reads: a store, or a view of one. */
export interface WatchableHistory {
  readonly currentRev: number;
  readonly compactRev: number;
  /** The changes with main revision in [fromMain, toMain], in order. */
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
}

export interface WatchParameters {
  /** Responses that a stream holds. */
  readonly chanBufLen: number;
  /** Watchers that one sync pass looks at. */
  readonly maxWatchersPerSync: number;
  /** Distinct revisions in one response. */
  readonly watchBatchMaxRevs: number;
}

export const DEFAULT_WATCH_PARAMETERS: WatchParameters = {
  chanBufLen: 128,
  maxWatchersPerSync: 512,
  watchBatchMaxRevs: 1000,
};
