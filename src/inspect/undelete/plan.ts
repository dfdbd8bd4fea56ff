// Finds what can be brought back of a range of keys: the keys that are deleted, with the put that each had right before
// its newest tombstone, or as of a revision. In memory are a few dozen bytes for each key of the range, not its values.

import type { KeyRange } from '../../mvcc/key-range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { RevisionKey } from '../../mvcc/revision.js';
import type { StoreReader } from '../../mvcc/store.js';
import { checkRevision } from '../../mvcc/window.js';
import { nothingRetained, type RecordSource, recordsOf } from '../history/key-history.js';

export interface UndeleteRequest {
  readonly range: KeyRange;
  /** Brings back the state at this revision; without it, what each key had right before its newest deletion. */
  readonly at?: number | undefined;
  /** With `at`: also keys that are there now, if their value was another one then. */
  readonly overwrite?: boolean | undefined;
}

/** One key that can be brought back. */
export interface Restorable {
  readonly key: string;
  /** The put to bring back. */
  readonly put: RevisionKey;
  /** The modRevision that the key has now; 0 if it is deleted. */
  readonly modRevision: number;
}

/** One deleted key of which compaction has taken the value. */
export interface Lost {
  readonly key: string;
  readonly tombstone: RevisionKey;
}

export interface UndeletePlan {
  /** In the order of their keys, as are the lost. */
  readonly restorable: readonly Restorable[];
  readonly lost: readonly Lost[];
  /** The number of keys of the range that are there now and are left alone. */
  readonly alive: number;
  /** The number of deleted keys that are not wanted: they were not there at the revision. */
  readonly absentThen: number;
}

interface KeyState {
  newest: RevisionKey;
  /** The newest put below a tombstone that is the newest record, or at the wanted revision. */
  wanted: RevisionKey | undefined;
}

/** Throws COMPACTED or FUTURE_REVISION if `at` is outside the window, KEY_NOT_FOUND if nothing of the range is retained. */
export function planUndelete(source: RecordSource, request: UndeleteRequest): UndeletePlan {
  const { range, at } = request;
  const { store } = source;
  if (at !== undefined) checkRevision(at, store);
  const states = new Map<string, KeyState>();
  for (const record of recordsOf(source, range, store.currentRev)) follow(states, record, at);
  if (states.size === 0) throw nothingRetained(store, 'nothing can be brought back');
  return planOf(source, states, request);
}

function follow(states: Map<string, KeyState>, record: StoredRecord, at: number | undefined): void {
  const { key, main, sub, tombstone } = record;
  const revision: RevisionKey = { main, sub, tombstone };
  const state = states.get(key);
  const wanted = at === undefined ? beforeTombstone(revision, state) : main <= at ? putOnly(revision) : state?.wanted;
  if (state === undefined) {
    states.set(key, { newest: revision, wanted });
  } else {
    state.newest = revision;
    state.wanted = wanted;
  }
}

function putOnly(revision: RevisionKey): RevisionKey | undefined {
  return revision.tombstone ? undefined : revision;
}

function beforeTombstone(revision: RevisionKey, state: KeyState | undefined): RevisionKey | undefined {
  return revision.tombstone && state !== undefined ? putOnly(state.newest) : undefined;
}

function planOf(
  source: RecordSource,
  states: ReadonlyMap<string, KeyState>,
  { at, overwrite = false }: UndeleteRequest,
): UndeletePlan {
  const restorable: Restorable[] = [];
  const lost: Lost[] = [];
  let alive = 0;
  let absentThen = 0;
  for (const key of [...states.keys()].sort()) {
    const { newest, wanted } = states.get(key)!;
    if (newest.tombstone) {
      if (wanted !== undefined) restorable.push({ key, put: wanted, modRevision: 0 });
      else if (at === undefined) lost.push({ key, tombstone: newest });
      else absentThen++;
    } else if (overwrite && wanted !== undefined && !hasSameValue(source.store, newest, wanted)) {
      restorable.push({ key, put: wanted, modRevision: newest.main });
    } else {
      alive++;
    }
  }
  return { restorable, lost, alive, absentThen };
}

function hasSameValue(store: StoreReader, a: RevisionKey, b: RevisionKey): boolean {
  if (a.main === b.main && a.sub === b.sub) return true;
  const [first, second] = [store.storedRecord(a), store.storedRecord(b)];
  return first !== undefined && second !== undefined && first.keyValue().value.equals(second.keyValue().value);
}
