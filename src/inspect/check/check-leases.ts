// Checks the leases: each can be read, the list of deadlines agrees with them, and the attached keys are those whose
// newest record names the lease.

import { quoteKey } from '../../bytes/key-text.js';
import type { Entry, ReadBackend, ReadTable } from '../../mvcc/backend.js';
import { slotOf } from '../../mvcc/key-slot.js';
import {
  attachedKey,
  attachmentRegion,
  deadlineIn,
  deadlineKey,
  dueKey,
  formatLeaseId,
  idIn,
  isTime,
  isWholeDue,
  kindOf,
} from '../../mvcc/lease-entry.js';
import { readLease } from '../../mvcc/leases.js';
import { readable } from './check-index.js';
import { type Finding, problemIn } from './finding.js';

export interface CheckLeasesOptions {
  /** Whether the table has only what etcd stores: the leases themselves. */
  readonly ofEtcd: boolean;
}

export function* checkLeases({ tables }: ReadBackend, { ofEtcd }: CheckLeasesOptions): Iterable<Finding> {
  const leases = new Set<bigint>();
  for (const entry of tables.lease.entries()) {
    const kind = kindOf(entry.key);
    if (kind === 'lease') yield* checkLease(entry, leases);
    else if (ofEtcd) yield strange(entry);
    else yield* checkEntry(entry, kind, tables.lease, leases);
  }
  yield* checkAttachments(tables, leases, ofEtcd);
}

function* checkLease({ key, value }: Entry, leases: Set<bigint>): Iterable<Finding> {
  const id = key.readBigInt64BE(0);
  leases.add(id);
  try {
    readLease(id, value);
  } catch (error) {
    yield { kind: 'lease', table: 'lease', lease: id, problem: problemIn(error) };
  }
}

function strange({ key }: Entry): Finding {
  return {
    kind: 'lease',
    table: 'lease',
    entry: key,
    problem: `table lease has an entry of key ${key.toString('hex')}, which is neither a lease nor anything of one`,
  };
}

/** Checks what mvccw stores beside the leases. An entry of a lease comes behind the lease. */
function* checkEntry(
  entry: Entry,
  kind: ReturnType<typeof kindOf>,
  table: ReadTable,
  leases: ReadonlySet<bigint>,
): Iterable<Finding> {
  const { key, value } = entry;
  if (kind === 'due') yield* checkDue(entry, table);
  else if (kind === 'clock') {
    if (!isTime(value)) yield due(entry, undefined, 'the time at which a deadline was last set is no time');
  } else if (kind === 'unknown') yield strange(entry);
  else {
    const id = key.readBigInt64BE(0);
    const place = { lease: id, table: 'lease' } as const;
    if (kind === 'deadline') yield* checkDeadline(entry, id, table, leases);
    else if (!leases.has(id)) {
      const problem = `key ${quoteKey(attachedKey(value))} is attached to lease ${formatLeaseId(id)}, which there is not`;
      yield { kind: 'attachment', ...place, key: attachedKey(value), problem };
    }
  }
}

function* checkDue(entry: Entry, table: ReadTable): Iterable<Finding> {
  const { key } = entry;
  if (!isWholeDue(key)) {
    yield due(entry, undefined, `an entry of ${key.length} bytes in the list of deadlines: ${key.toString('hex')}`);
    return;
  }
  const id = idIn(entry);
  const own = table.get(deadlineKey(id));
  if (own !== undefined && isTime(own) && dueKey(own.readDoubleBE(0), id).equals(key)) return;
  const at = `the list of deadlines has lease ${formatLeaseId(id)} at ${timeText(deadlineIn(entry))}`;
  yield due(
    entry,
    id,
    `${at}, ${own === undefined ? 'and there is no such lease with a deadline' : 'and its own is another'}`,
  );
}

function* checkDeadline(entry: Entry, id: bigint, table: ReadTable, leases: ReadonlySet<bigint>): Iterable<Finding> {
  const name = `lease ${formatLeaseId(id)}`;
  if (!leases.has(id)) {
    yield due(entry, id, `${name} has a deadline, but there is no such lease`);
  } else if (!isTime(entry.value)) {
    yield { kind: 'lease', table: 'lease', lease: id, problem: `${name}: its deadline is no time` };
  } else if (table.get(dueKey(entry.value.readDoubleBE(0), id)) === undefined) {
    yield due(entry, id, `${name}: its deadline is not in the list of deadlines`);
  }
}

function due({ key }: Entry, lease: bigint | undefined, problem: string): Finding {
  return { kind: 'due', table: 'lease', ...(lease === undefined ? { entry: key } : { lease }), problem };
}

function timeText(ms: number): string {
  return Number.isFinite(ms) ? `${ms} ms since 1970` : String(ms);
}

/** Compares the attached keys with the leases that the newest record of each key names. */
function* checkAttachments(
  { key: records, lease: table }: ReadBackend['tables'],
  leases: ReadonlySet<bigint>,
  ofEtcd: boolean,
): Iterable<Finding> {
  const leaseOf = newestLeases(records);
  for (const [key, id] of leaseOf) {
    const name = `key ${quoteKey(key)} names lease ${formatLeaseId(id)}`;
    const place = { table: 'lease', lease: id, key } as const;
    if (!leases.has(id)) yield { kind: 'lease', ...place, problem: `${name}, which there is not` };
    else if (!ofEtcd && table.get(attachmentSlot(table, id, key))?.toString('latin1') !== key) {
      yield { kind: 'attachment', ...place, problem: `${name}, and is not attached to it` };
    }
  }
  if (ofEtcd) return;
  for (const { key: slot, value } of table.entries()) {
    if (kindOf(slot) !== 'attachment') continue;
    const [id, key] = [slot.readBigInt64BE(0), attachedKey(value)];
    if (!leases.has(id) || (leaseOf.get(key) === id && slot.equals(attachmentSlot(table, id, key)))) continue;
    const problem = `key ${quoteKey(key)} is attached to lease ${formatLeaseId(id)}, which its newest record does not name`;
    yield { kind: 'attachment', table: 'lease', lease: id, key, problem };
  }
}

function attachmentSlot(table: ReadTable, id: bigint, key: string): Buffer {
  return slotOf(table, attachmentRegion(id), key, attachedKey);
}

/** Returns the leases that the newest records of keys name. */
function newestLeases(records: ReadTable): Map<string, bigint> {
  const leaseOf = new Map<string, bigint>();
  for (const entry of records.entries()) {
    const record = readable(entry.key, entry.value);
    if (record === undefined) continue;
    const lease = record.lease;
    if (lease === 0n) leaseOf.delete(record.key);
    else leaseOf.set(record.key, lease);
  }
  return leaseOf;
}
