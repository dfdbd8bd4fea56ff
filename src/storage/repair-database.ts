// Repairs a database of mvccw: what follows from its records and leases is made anew, in a copy that takes the place of
// the file if nothing is wrong with it any more (replace-data-file.ts). A record is never touched.

import { checkStore } from '../inspect/check/check-store.js';
import { type Finding, isDamage, repairOf } from '../inspect/check/finding.js';
import { type Backend, TABLE_NAMES, type TableName } from '../mvcc/backend.js';
import { isTime, kindOf } from '../mvcc/lease-entry.js';
import { Leases } from '../mvcc/leases.js';
import { rebuildAttachments, rebuildIndex } from '../mvcc/rebuild-index.js';
import { allRecords } from '../mvcc/record.js';
import { type CheckResult, checkDatabase, rowFindings } from './check-database.js';
import { copyTable } from './copy-table.js';
import { placeOf } from './database-place.js';
import { leftoversIn } from './leftovers.js';
import type { Listener } from './listener.js';
import type { LmdbBackend } from './lmdb-backend.js';
import { checkWritten } from './only-read.js';
import { openLmdb } from './open-backend.js';
import { replaceDataFile } from './replace-data-file.js';

export interface RepairResult extends CheckResult {
  /** What was done, one phrase for each kind of finding. Nothing if there was nothing to repair, or some of it cannot be. */
  readonly done: readonly string[];
}

/** The tables that are copied as they are. */
const KEPT: readonly TableName[] = ['key', 'meta', 'watch'];

/** Checks a database, and repairs it if all that is found can be repaired; else everything stays as it is. */
export async function repairDatabase(
  given: string,
  onFinding: (finding: Finding) => Promise<void> | void,
  listener?: Listener,
): Promise<RepairResult> {
  checkWritten(given);
  const { path } = await placeOf(given, {}, () => undefined);
  const kinds = new Set<Finding['kind']>();
  let damages = 0;
  const result = await checkDatabase(
    given,
    (finding) => {
      if (isDamage(finding.kind)) {
        kinds.add(finding.kind);
        damages++;
      }
      return onFinding(finding);
    },
    listener,
  );
  if (damages === 0 || result.repairable < damages) return { ...result, done: [] };
  // Whoever opens it for writing removes what was left behind.
  const backend = await openLmdb(path, { toReplace: true });
  try {
    const isRemoved = leftoversIn(path).length === 0;
    const isMended = isRemoved && ([...kinds].every((kind) => kind === 'leftover') || rewrite(backend, path));
    return { ...result, done: isMended ? [...kinds].map((kind) => repairOf(kind)!) : [] };
  } finally {
    backend.close();
  }
}

/** Returns whether the copy was without findings, and so has taken the place of the file. */
function rewrite(source: LmdbBackend, path: string): boolean {
  let sound = false;
  const { replaced } = replaceDataFile(source, path, {
    task: `cannot repair ${path}`,
    fill(copy) {
      if (isBeyondRepair(source)) return;
      for (const name of KEPT) copyTable(source.tables[name], path, copy, name);
      copy.transaction(() => {
        restoreLeases(source, copy);
        rebuildIndex(allRecords(copy.tables.key), copy.tables.index);
      });
      sound = isSound(copy) && TABLE_NAMES.every((name) => !KEPT.includes(name) || isSame(source, copy, name));
    },
    isWanted: () => sound,
  });
  return replaced;
}

/** Tells whether rows that are to be copied have wrong sums: they would get right ones. */
function isBeyondRepair(source: LmdbBackend): boolean {
  const damaged = new Set(source.survey().damages.map(({ tree }) => tree));
  for (const { kind } of rowFindings(source, damaged)) if (repairOf(kind) === undefined) return true;
  return false;
}

/** Copies the leases and their deadlines, and makes the list of deadlines and the attachments anew. */
function restoreLeases(source: Backend, copy: Backend): void {
  const table = copy.tables.lease;
  const entries = [...source.tables.lease.entries()];
  for (const { key, value } of entries) {
    const kind = kindOf(key);
    if (kind === 'lease' || (kind === 'clock' && isTime(value))) table.put(key, value);
  }
  const leases = new Leases(table);
  for (const { key, value } of entries) {
    const id = kindOf(key) === 'deadline' ? key.readBigInt64BE(0) : undefined;
    if (id !== undefined && leases.has(id)) leases.setDeadline(id, value.readDoubleBE(0));
  }
  rebuildAttachments(allRecords(copy.tables.key), leases);
}

function isSound(backend: Backend): boolean {
  for (const { kind } of checkStore(backend)) if (isDamage(kind)) return false;
  return true;
}

/** Compares a table with its copy, entry by entry. */
function isSame(source: Backend, copy: Backend, name: TableName): boolean {
  const copied = copy.tables[name].entries()[Symbol.iterator]();
  for (const { key, value } of source.tables[name].entries()) {
    const next = copied.next();
    if (next.done || !next.value.key.equals(key) || !next.value.value.equals(value)) return false;
  }
  return copied.next().done === true;
}
