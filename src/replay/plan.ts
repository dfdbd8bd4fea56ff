// From what was asked for to a replay: which watchers, from where to where, and what the user should be told.

import { WHOLE_KEY_SPACE } from '../mvcc/key-range.js';
import { checkRevision } from '../mvcc/range.js';
import type { StoreState } from '../mvcc/store-state.js';
import { checkDistinctNames, type WatchSpec } from '../watch/watch-spec.js';
import { DEFAULT_OPTIONS, DEFAULT_PARAMETERS, type ReplayOptions, type ReplayParameters } from './replay-options.js';

export interface ReplayRequest extends Partial<{ [K in keyof ReplayParameters]: ReplayParameters[K] | undefined }> {
  readonly fromRev?: number | undefined;
  readonly toRev?: number | undefined;
  /** Watchers beside the registered ones. */
  readonly watch: readonly WatchSpec[];
}

export interface ReplayPlan {
  readonly options: ReplayOptions;
  /** The store stands here: nothing newer is seen. */
  readonly toRev: number;
  /** What is likely not meant, though no error. */
  readonly hints: readonly string[];
}

/** Throws USAGE for names given twice, FUTURE_REVISION or COMPACTED for an end outside the window. */
export function planReplay(
  { state }: { readonly state: StoreState },
  registered: readonly WatchSpec[],
  request: ReplayRequest,
): ReplayPlan {
  const watchers = [...registered, ...request.watch];
  if (watchers.length === 0) watchers.push({ name: 'all', ...WHOLE_KEY_SPACE, filters: [], prevKv: false });
  checkDistinctNames(watchers);

  const toRev = request.toRev ?? state.currentRev;
  checkRevision(toRev, state);
  const oldest = Math.max(state.compactRev, 1);
  const fromRev = request.fromRev || oldest;

  const hints: string[] = [];
  const starts = watchers.map(({ startRev }) => startRev ?? fromRev).filter((start) => start > 0);
  if (starts.some((start) => start < state.compactRev)) {
    hints.push(
      `revisions below ${state.compactRev} are compacted: a watcher that starts there is cancelled; the window is ${oldest} to ${state.currentRev}`,
    );
  }
  if (starts.length > 0 && starts.every((start) => start > toRev)) {
    hints.push(`every watcher starts above revision ${toRev}, where the replay ends: nothing is delivered`);
  }
  return {
    options: { ...DEFAULT_OPTIONS, watchers, fromRev, parameters: withDefaults(request) },
    toRev,
    hints,
  };
}

function withDefaults(request: ReplayRequest): ReplayParameters {
  const { chanBufLen, maxWatchersPerSync, watchBatchMaxRevs, resyncPeriodUs, victimRetryUs } = DEFAULT_PARAMETERS;
  return {
    chanBufLen: request.chanBufLen ?? chanBufLen,
    maxWatchersPerSync: request.maxWatchersPerSync ?? maxWatchersPerSync,
    watchBatchMaxRevs: request.watchBatchMaxRevs ?? watchBatchMaxRevs,
    resyncPeriodUs: request.resyncPeriodUs ?? resyncPeriodUs,
    victimRetryUs: request.victimRetryUs ?? victimRetryUs,
  };
}
