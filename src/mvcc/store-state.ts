// The state of a store, read from its tables: the window, and the marks that compaction writes to `meta`.

import { MvccwError, naming } from '../errors.js';
import type { ReadBackend, ReadTable, Table } from './backend.js';
import { decodeRevisionKey, encodeRevisionKey } from './revision.js';
import { NEWEST_STORE, type StoreBehaviours } from './store-behaviour.js';

const SCHEDULED = Buffer.from('scheduledCompactRev');
const FINISHED = Buffer.from('finishedCompactRev');

export interface StoreState extends CompactionMarks {
  /** The newest revision; 1 in an empty store. */
  readonly currentRev: number;
  /** The oldest revision that can be read; -1 before any compaction. */
  readonly compactRev: number;
}

function readMark(meta: ReadTable, name: Buffer): number | undefined {
  const bytes = meta.get(name);
  if (bytes === undefined) return undefined;
  return naming(`meta record ${name}`, () => decodeRevisionKey(bytes).main);
}

/** The revisions at which compactions were scheduled and finished, as far as they are recorded. */
export interface CompactionMarks {
  readonly scheduledCompactRev: number | undefined;
  readonly finishedCompactRev: number | undefined;
}

/** Reads the marks of compaction. Throws CORRUPT if they cannot be read, or contradict each other. */
export function readMarks(meta: ReadTable): CompactionMarks {
  const scheduledCompactRev = readMark(meta, SCHEDULED);
  const finishedCompactRev = readMark(meta, FINISHED);
  if (scheduledCompactRev !== undefined && (finishedCompactRev ?? 0) > scheduledCompactRev) {
    throw new MvccwError(
      'CORRUPT',
      `meta record ${FINISHED} says ${finishedCompactRev}, and ${SCHEDULED} only ${scheduledCompactRev}`,
      { hint: 'a compaction is recorded as scheduled before it is finished; the file is damaged' },
    );
  }
  return { scheduledCompactRev, finishedCompactRev };
}

/** Reads the state. Throws CORRUPT if the marks or the newest record cannot be read. */
export function readState(backend: ReadBackend, behaviours: StoreBehaviours = NEWEST_STORE): StoreState {
  const { key, meta } = backend.tables;
  const newest = key.last();
  const { scheduledCompactRev, finishedCompactRev } = readMarks(meta);
  const recordedRev = Math.max(
    1,
    newest === undefined ? 1 : decodeRevisionKey(newest.key).main,
    finishedCompactRev ?? 1,
  );
  const currentRev = behaviours.has('scheduledCompactRev')
    ? recordedRev
    : Math.max(recordedRev, scheduledCompactRev ?? 1);
  const finished = finishedCompactRev ?? -1;
  // A compaction that was cut short counts from its beginning, unless its revision is above the newest of the store.
  const scheduled = scheduledCompactRev && scheduledCompactRev <= currentRev ? scheduledCompactRev : -1;
  return {
    currentRev,
    compactRev: Math.max(finished, scheduled),
    scheduledCompactRev,
    finishedCompactRev,
  };
}

export function writeScheduledCompactRev(meta: Table, revision: number): void {
  meta.put(SCHEDULED, encodeRevisionKey({ main: revision, sub: 0 }));
}

export function writeFinishedCompactRev(meta: Table, revision: number): void {
  meta.put(FINISHED, encodeRevisionKey({ main: revision, sub: 0 }));
}

/** Writes the mark of a finished compaction, unless another process has finished a later compaction meanwhile. */
export function raiseFinishedCompactRev(meta: Table, revision: number): void {
  if ((readMark(meta, FINISHED) ?? -1) < revision) writeFinishedCompactRev(meta, revision);
}

/** Removes the mark of the last finished compaction, as if none had ever finished. */
export function clearFinishedCompactRev(meta: Table): void {
  meta.delete(FINISHED);
}
