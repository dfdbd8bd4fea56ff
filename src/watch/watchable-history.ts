// What the watch engine reads, and its parameters.

import type { History } from '../mvcc/history.js';

/** The engine reads the changes of a history, never the state at a revision. */
export type WatchableHistory = Omit<History, 'range'>;

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
