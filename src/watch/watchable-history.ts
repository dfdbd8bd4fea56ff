// This file says what the watch engine reads, and which parameters it has.

import type { History } from '../mvcc/history.js';

/** The engine reads the changes of a history, never the state at a revision. */
export type WatchableHistory = Omit<History, 'range'>;

export interface WatchParameters {
  /** The most responses that a stream holds. */
  readonly chanBufLen: number;
  /** The most watchers that one sync pass looks at. */
  readonly maxWatchersPerSync: number;
  /** The most distinct revisions in one response. */
  readonly watchBatchMaxRevs: number;
}

export const DEFAULT_WATCH_PARAMETERS: WatchParameters = {
  chanBufLen: 128,
  maxWatchersPerSync: 512,
  watchBatchMaxRevs: 1000,
};
