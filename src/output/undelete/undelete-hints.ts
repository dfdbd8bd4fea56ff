// Says on stderr what the user should know of an undelete beside its transaction.

import { quoteKey } from '../../bytes/key-text.js';
import { FIRST_CHANGE } from '../../inspect/history/key-history.js';
import { MAX_TXN_OPS, PartCounter } from '../../inspect/undelete/parts.js';
import type { UndeletePlan, UndeleteRequest } from '../../inspect/undelete/plan.js';
import type { Restoration } from '../../inspect/undelete/restore.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import type { LeaseReader } from '../../mvcc/leases.js';
import { formatRevision } from '../../mvcc/revision.js';
import type { Window } from '../../mvcc/window.js';
import { plural } from '../terminal/plural.js';

/** The number of keys or leases that are named one by one. */
const NAMED = 10;

/** Watches the puts go by, and tells at the end what their transaction needs. */
export class TransactionHints {
  private readonly parts = new PartCounter();
  private puts = 0;
  private withLease = 0;
  private readonly leases = new Set<bigint>();

  see({ record }: Restoration): void {
    this.puts++;
    this.parts.add(record);
    if (record.lease === 0n) return;
    this.withLease++;
    this.leases.add(record.lease);
  }

  /** About leases: those that the keys lose, or those that are no longer there. */
  leaseHints(reader: LeaseReader, keepLease: boolean): string[] {
    if (this.withLease === 0) return [];
    if (!keepLease) {
      const had = `${plural(this.withLease, 'key')} had a lease (${names([...this.leases].map(formatLeaseId))})`;
      return [`${had}, and ${this.withLease === 1 ? 'is' : 'are'} put without: --keep-lease attaches to it`];
    }
    const gone = [...this.leases].filter((id) => !reader.has(id)).map(formatLeaseId);
    if (gone.length === 0) return [];
    return [`no lease ${names(gone)} is in the database; where it is gone, the whole transaction fails`];
  }

  /** About the bounds that a server has. */
  sizeHints(): string[] {
    const { part, hasTooLarge } = this.parts;
    const hints: string[] = [];
    if (hasTooLarge)
      hints.push('a value is larger than a server of etcd takes, unless it has a higher --max-request-bytes');
    if (part > 1) {
      hints.push(
        `the transaction has ${this.puts} requests; a server of etcd takes ${MAX_TXN_OPS} and 1.5 MiB, unless it has a ` +
          `higher --max-txn-ops and --max-request-bytes: --part 1 to --part ${part} print parts that it takes`,
      );
    }
    return hints;
  }
}

function names(all: readonly string[]): string {
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : '';
  return all.slice(0, NAMED).join(', ') + more;
}

/** About the keys that do not come back. */
export function planHints(
  { lost, alive, absentThen, restorable }: UndeletePlan,
  { at, range }: UndeleteRequest,
  { compactRev }: Window,
): string[] {
  const hints = lost
    .slice(0, NAMED)
    .map(
      ({ key, tombstone }) =>
        `the value of ${quoteKey(key)} is compacted: only its deletion, at revision ${formatRevision(tombstone)}, is retained`,
    );
  if (lost.length > NAMED)
    hints.push(`the values of ${lost.length - NAMED} more keys are compacted: -w json names all`);
  if (at === undefined && range.end !== undefined && compactRev > FIRST_CHANGE) {
    hints.push(`keys that were deleted before revision ${compactRev} are compacted away, and nobody can name them`);
  }
  if (absentThen > 0) {
    hints.push(`${plural(absentThen, 'deleted key')} of the range ${was(absentThen)} not there at revision ${at}`);
  }
  if (alive > 0 && (at !== undefined || restorable.length === 0)) {
    hints.push(`${plural(alive, 'key')} of the range ${alive === 1 ? 'is' : 'are'} there now and left alone`);
  }
  return hints;
}

const was = (count: number): string => (count === 1 ? 'was' : 'were');
