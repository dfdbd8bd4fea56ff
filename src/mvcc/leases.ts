// Leases and the keys attached to them, as etcd's lessor.go keeps them, in the `lease` table (lease-entry.ts).
//
// Time is an argument: the caller has the clock. A lease without a deadline, as in etcd's files, does not run out until
// it is kept alive.

import { MvccwError } from '../errors.js';
import type { Entry, ReadTable, Table } from './backend.js';
import { slotOf } from './key-slot.js';
import {
  attachedKey,
  attachmentRange,
  attachmentRegion,
  CLOCK,
  DUE_RANGE,
  deadlineKey,
  dueIn,
  dueKey,
  f64,
  formatLeaseId,
  ID_BYTES,
  idBytes,
  isAttachment,
  timeIn,
} from './lease-entry.js';
import { decodeLease, encodeLease, type LeaseRecord } from './lease-record.js';
import { MAX_TTL_SECONDS } from './lease-ttl.js';

const MS_PER_SECOND = 1000;
/** The number of bytes of a key that a message shows. */
const SHOWN_BYTES = 32;
const MAX_ID = 2n ** 64n - 1n;

export interface Lease extends LeaseRecord {
  /** The time when it runs out; undefined if none is recorded, as in etcd's own files. */
  readonly deadlineMs: number | undefined;
}

export class LeaseReader {
  private readonly attachments: () => ReadTable;

  /**
   * `attachments` returns the table with the attached keys, if it is another one, and then `table` has only leases. It is
   * called when it is first needed.
   */
  constructor(
    protected readonly table: ReadTable,
    private readonly separate?: () => ReadTable,
  ) {
    this.attachments = separate ?? (() => table);
  }

  has(id: bigint): boolean {
    return this.table.get(idBytes(id)) !== undefined;
  }

  get(id: bigint): Lease | undefined {
    const bytes = this.table.get(idBytes(id));
    return bytes === undefined ? undefined : this.lease(id, bytes);
  }

  /** Yields all leases in the order of their ids, as unsigned numbers. Throws CORRUPT at one that cannot be read. */
  *list(): Iterable<Lease> {
    if (this.separate !== undefined) {
      for (const entry of leaseEntries(this.table)) yield this.lease(entry.key.readBigInt64BE(0), entry.value);
      return;
    }
    // The next id is searched beyond the keys that are attached to this one.
    for (let from: Buffer | undefined = idBytes(1n); from !== undefined; ) {
      const next = firstOf(this.table.entries({ gte: from }));
      if (next === undefined) return;
      if (next.key.length === ID_BYTES) yield this.lease(next.key.readBigInt64BE(0), next.value);
      from = nextId(next.key);
    }
  }

  /** Returns the time when the next lease runs out, in ms since 1970; undefined if no lease has a deadline. */
  nextDeadline(): number | undefined {
    const first = firstOf(this.table.entries(DUE_RANGE));
    if (first === undefined) return undefined;
    // What cannot be read is dropped when leases next run out.
    return dueIn(first)?.deadlineMs ?? 0;
  }

  /** Yields the keys that are attached to a lease, in key order. */
  keys(id: bigint): string[] {
    const keys: string[] = [];
    for (const entry of this.attachments().entries(attachmentRange(id))) {
      keys.push(attachedKey(entry.value));
    }
    return keys.sort((a, b) => (a < b ? -1 : 1));
  }

  private lease(id: bigint, bytes: Buffer): Lease {
    const record = readLease(id, bytes);
    const time = this.separate === undefined ? this.table.get(deadlineKey(id)) : undefined;
    if (time === undefined) return { ...record, deadlineMs: undefined };
    const deadlineMs = timeIn(time);
    if (deadlineMs === undefined) throw corruptLease(id, `its deadline is 0x${time.toString('hex')}, which is no time`);
    return { ...record, deadlineMs };
  }
}

/** Yields the entries of a table that has only leases, as etcd's has. Throws CORRUPT at one that is none. */
export function* leaseEntries(table: ReadTable): Iterable<Entry> {
  for (const entry of table.entries()) {
    const { key, value } = entry;
    if (key.length !== ID_BYTES) {
      throw new MvccwError(
        'CORRUPT',
        `bucket 'lease': the key 0x${key.toString('hex', 0, SHOWN_BYTES)}${key.length > SHOWN_BYTES ? '…' : ''} has ${key.length} bytes, expected 8`,
        {
          hint: "it is no lease's id. etcd looks only at the record: it takes the lease that is named there, and never removes this entry",
        },
      );
    }
    readLease(key.readBigInt64BE(0), value);
    yield entry;
  }
}

/** Decodes the record of a lease. Throws CORRUPT, with the id of the lease, also if its times cannot be. */
export function readLease(id: bigint, bytes: Buffer): LeaseRecord {
  const record = decoded(id, bytes);
  const { ttlSeconds, remainingTtlSeconds } = record;
  if (id === 0n) throw corruptLease(id, 'no lease has this id');
  if (record.id !== id) throw corruptLease(id, `its record says ${formatLeaseId(record.id)}`);
  if (ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) throw corruptLease(id, `its TTL is ${ttlSeconds} seconds`);
  if (remainingTtlSeconds > MAX_TTL_SECONDS)
    throw corruptLease(id, `its remaining TTL is ${remainingTtlSeconds} seconds`);
  return record;
}

function decoded(id: bigint, bytes: Buffer): LeaseRecord {
  try {
    return decodeLease(bytes);
  } catch (error) {
    throw error instanceof MvccwError ? corruptLease(id, error.message) : error;
  }
}

function corruptLease(id: bigint, problem: string): MvccwError {
  return new MvccwError('CORRUPT', `lease ${formatLeaseId(id)}: ${problem}`);
}

/** The write side of the leases. Each call must be in a write transaction of the backend. */
export class Leases extends LeaseReader {
  constructor(protected override readonly table: Table) {
    super(table);
  }

  /** Adds a lease. Throws LEASE_EXISTS, or LEASE_NOT_FOUND for id 0, which means "no lease" everywhere. */
  grant(id: bigint, ttlSeconds: number, deadlineMs?: number): void {
    if (id === 0n) throw leaseNotFound(id);
    if (this.has(id)) throw new MvccwError('LEASE_EXISTS', `lease ${formatLeaseId(id)} already exists`);
    this.table.put(idBytes(id), encodeLease({ id, ttlSeconds, remainingTtlSeconds: 0 }));
    if (deadlineMs !== undefined) this.setDeadline(id, deadlineMs);
  }

  /** Sets the deadline of a lease, which must exist. */
  setDeadline(id: bigint, deadlineMs: number): void {
    this.clearDeadline(id);
    this.table.put(deadlineKey(id), f64(deadlineMs));
    this.table.put(dueKey(deadlineMs, id), Buffer.alloc(0));
    const setAtMs = deadlineMs - this.get(id)!.ttlSeconds * MS_PER_SECOND;
    if (setAtMs > this.clock()) this.table.put(CLOCK, f64(setAtMs));
  }

  /**
   * Takes up to `max` entries from the list of deadlines that are due at `nowMs`, in order of deadlines, then ids, and
   * returns the leases. An entry that no lease confirms is dropped: its lease is gone, or has another deadline.
   */
  takeDue(nowMs: number, max: number): bigint[] {
    const ids: bigint[] = [];
    const stale: Buffer[] = [];
    for (const entry of this.table.entries(DUE_RANGE)) {
      const due = dueIn(entry);
      if (ids.length + stale.length === max || (due !== undefined && due.deadlineMs > nowMs)) break;
      if (due !== undefined && this.has(due.id) && this.deadline(due.id) === due.deadlineMs) ids.push(due.id);
      else stale.push(entry.key);
    }
    for (const key of stale) this.table.delete(key);
    return ids;
  }

  /** Returns whether the clock was set back since a deadline was set. */
  isClockBack(nowMs: number): boolean {
    return nowMs < this.clock();
  }

  /**
   * Shortens deadlines after the clock was set back, so that no lease has more time left than it was granted. A lease that
   * cannot be read is left alone: it must not keep others from being written.
   */
  followClock(nowMs: number): void {
    const ids = [...this.table.entries(DUE_RANGE)].flatMap((entry) => dueIn(entry)?.id ?? []);
    for (const id of ids) {
      const lease = this.readable(id);
      if (lease?.deadlineMs === undefined) continue;
      const latestMs = nowMs + lease.ttlSeconds * MS_PER_SECOND;
      if (lease.deadlineMs > latestMs) this.setDeadline(id, latestMs);
    }
    this.table.put(CLOCK, f64(nowMs));
  }

  private readable(id: bigint): Lease | undefined {
    try {
      return this.get(id);
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'CORRUPT') return undefined;
      throw error;
    }
  }

  private clock(): number {
    return this.timeAt(CLOCK) ?? 0;
  }

  private deadline(id: bigint): number | undefined {
    return this.timeAt(deadlineKey(id));
  }

  /** Returns the time in an entry; undefined if there is none that can be read. */
  private timeAt(key: Buffer): number | undefined {
    const bytes = this.table.get(key);
    return bytes === undefined ? undefined : timeIn(bytes);
  }

  private clearDeadline(id: bigint): void {
    const deadlineMs = this.deadline(id);
    if (deadlineMs !== undefined) this.table.delete(dueKey(deadlineMs, id));
    this.table.delete(deadlineKey(id));
  }

  /** Removes the lease and its attachments. The store deletes the keys themselves. */
  remove(id: bigint): void {
    for (const key of this.keys(id)) this.detach(id, key);
    this.clearDeadline(id);
    this.table.delete(idBytes(id));
  }

  attach(id: bigint, key: string): void {
    this.table.put(this.slot(id, key), Buffer.from(key, 'latin1'));
  }

  detach(id: bigint, key: string): void {
    this.table.delete(this.slot(id, key));
  }

  /** Removes all attachments, before they are found anew from the records. */
  detachAll(): void {
    const attachments: Buffer[] = [];
    for (const { key } of this.table.entries()) if (isAttachment(key)) attachments.push(key);
    for (const key of attachments) this.table.delete(key);
  }

  private slot(id: bigint, key: string): Buffer {
    return slotOf(this.table, attachmentRegion(id), key, attachedKey);
  }
}

/** Returns the id after the one that a key begins with; undefined after the highest. */
function nextId(key: Buffer): Buffer | undefined {
  const id = Buffer.alloc(ID_BYTES);
  key.copy(id, 0, 0, ID_BYTES);
  const above = id.readBigUInt64BE() + 1n;
  return above > MAX_ID ? undefined : idBytes(BigInt.asIntN(64, above));
}

function firstOf(entries: Iterable<Entry>): Entry | undefined {
  for (const entry of entries) return entry;
  return undefined;
}

export function leaseNotFound(id: bigint): MvccwError {
  return new MvccwError('LEASE_NOT_FOUND', `lease ${formatLeaseId(id)} not found`, {
    hint: 'list the leases there are with: mvccw lease list',
  });
}
