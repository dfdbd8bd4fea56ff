// Applies a log to a store: to an empty one, or to what an etcd file holds.

import { MvccwError } from '../../errors.js';
import type { RaftLog } from '../../wal/raft-log.js';
import type { ApplyBase } from './base-state.js';
import type { Doubt } from './doubt.js';
import { LiveProof } from './live-proof.js';
import { type AppliedLog, LogApplication } from './log-application.js';
import { type Attempt, settleDoubts } from './settle-doubts.js';
import { Witness } from './witness.js';

export type { AppliedLog, ApplyStop } from './log-application.js';

export interface ApplyOptions {
  /** The last entry to apply; the default is the last that is known to be committed. */
  readonly upTo?: number | undefined;
  /** The database that lies beside the log. It decides what the log alone does not, where it can. */
  readonly beside?: ApplyBase | undefined;
  /** Called now and then with the index that was applied last. */
  readonly onIndex?: ((index: number) => void) | undefined;
}

/** Doubts are settled by at most so many applications, and by fewer if the log is long. */
const MAX_ATTEMPTS = 300;
const MAX_ENTRIES = 5_000_000;

/** Applies a log to a base; without one, to an empty store. Throws FORMAT or CORRUPT if the base cannot be read. */
export function applyLog(log: RaftLog, base: ApplyBase | undefined, options: ApplyOptions = {}): AppliedLog {
  const { upTo, beside, onIndex } = options;
  const proof = new LiveProof(log);
  const applied = new LogApplication(log, base, { upTo, onIndex, proof });
  const witness = beside && applied.doubts.length > 0 ? witnessOf(beside) : undefined;
  if (witness === undefined || witness.index > applied.lastIndex || applied.doubts[0]!.index > witness.index)
    return applied;
  const maxAttempts = Math.min(MAX_ATTEMPTS, Math.ceil(MAX_ENTRIES / (witness.index - applied.firstIndex + 1)));
  const attempt: Attempt = (decide) => {
    const attempted = new LogApplication(log, base, { upTo: witness.index, decide, witness, proof });
    const { doubts, contradictedAt } = attempted;
    return { doubts, contradictedAt, anchorIndex: witness.anchorIndex(attempted) };
  };
  const attempts = [knowingUsers(attempt), attempt];
  const settlement = settle(() => firstOf(attempts, (given) => settleDoubts(given, maxAttempts)));
  if (settlement === undefined) return applied;
  const { decide, isSettled } = settlement;
  const settled = new LogApplication(log, base, { upTo, onIndex, decide, proof });
  const knownRev = witness.knownRev(settled.baseRev);
  settled.tellDoubts((doubt): Doubt => {
    if (isSettled(doubt)) return { ...doubt, decidedBy: 'database' };
    return knownRev === undefined || doubt.index > witness.index ? doubt : { ...doubt, until: knownRev - 1 };
  });
  return settled;
}

/** Returns attempts that a request contradicts too which knows more of the users and roles than the log has come to. */
function knowingUsers(attempt: Attempt): Attempt {
  return (decide) => {
    const attempted = attempt(decide);
    const at = attempted.doubts.find(({ kind }) => kind === 'users and roles')?.index;
    if (at === undefined) return attempted;
    return { ...attempted, contradictedAt: at, doubts: attempted.doubts.filter(({ index }) => index < at) };
  };
}

function firstOf<T, R>(list: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function witnessOf(beside: ApplyBase): Witness | undefined {
  return settle(() => new Witness(beside));
}

/** Returns what the database says; undefined if it cannot be read, as it is no more than a witness. */
function settle<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof MvccwError && error.code !== 'IO') return undefined;
    throw error;
  }
}
