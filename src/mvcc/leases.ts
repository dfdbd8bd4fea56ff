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
  deadlineIn,
  deadlineKey,
  dueKey,
  f64,
  formatLeaseId,
  ID_BYTES,
  idBytes,
  idIn,
  isAttachment,
} from './lease-entry.js';
import { decodeLease, encodeLease, type LeaseRecord } from './lease-record.js';

const MS_PER_SECOND = 1000;
const MAX_ID = 2n ** 64n - 1n;

export interface Lease extends LeaseRecord {
  /** The time when it runs out; undefined if none is recorded, as in etcd's own files. */
  readonly deadlineMs: number | undefined;
}

export class LeaseReader {
  /** `attachments` returns the table with the attached keys, if it is another one. It is called when it is first needed. */
  constructor(
    protected readonly table: ReadTable,
    private readonly attachments: () => ReadTable = () => table,
  ) {}

  has(id: bigint): boolean {
    return this.table.get(idBytes(id)) !== undefined;
  }

  get(id: bigint): Lease | undefined {
    const bytes = this.table.get(idBytes(id));
    return bytes === undefined ? undefined : this.lease(id, bytes);
  }

  /** Yields all leases in the order of their ids, as unsigned numbers. */
  *list(): Iterable<Lease> {
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
    return first === undefined ? undefined : deadlineIn(first);
  }

  /** Yields the keys that are attached to a lease, in key order. */
  keys(id: bigint): string[] {
    const keys: string[] = [];
    for (const entry of this.attachments().entries(attachmentRange(id))) {
      keys.push(attachedKey(entry.value));
    }
    return keys.sort((a, b) => (a < b ? -1 : 1));
  }

  protected deadline(id: bigint): number | undefined {
    return this.table.get(deadlineKey(id))?.readDoubleBE(0);
  }

  private lease(id: bigint, bytes: Buffer): Lease {
    return { ...readLease(id, bytes), deadlineMs: this.deadline(id) };
  }
}

/** Decodes the record of a lease. Throws CORRUPT, with the id of the lease. */
export function readLease(id: bigint, bytes: Buffer): LeaseRecord {
  let problem: string;
  try {
    const record = decodeLease(bytes);
    if (record.id === id) return record;
    problem = `its record says ${formatLeaseId(record.id)}`;
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    problem = error.message;
  }
  throw new MvccwError('CORRUPT', `lease ${formatLeaseId(id)}: ${problem}`);
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

  /** Returns up to `max` leases that have run out at `nowMs`, in order of their deadlines, then ids. */
  due(nowMs: number, max: number): bigint[] {
    const ids: bigint[] = [];
    for (const entry of this.table.entries(DUE_RANGE)) {
      if (ids.length === max || deadlineIn(entry) > nowMs) break;
      ids.push(idIn(entry));
    }
    return ids;
  }

  /** Returns whether the clock was set back since a deadline was set. */
  isClockBack(nowMs: number): boolean {
    return nowMs < this.clock();
  }

  /** Shortens deadlines after the clock was set back, so that no lease has more time left than it was granted. */
  followClock(nowMs: number): void {
    for (const { id, ttlSeconds, deadlineMs } of [...this.list()]) {
      const latestMs = nowMs + ttlSeconds * MS_PER_SECOND;
      if (deadlineMs !== undefined && deadlineMs > latestMs) this.setDeadline(id, latestMs);
    }
    this.table.put(CLOCK, f64(nowMs));
  }

  private clock(): number {
    return this.table.get(CLOCK)?.readDoubleBE(0) ?? 0;
  }

  private clearDeadline(id: bigint): void {
    const deadlineMs = this.deadline(id);
    if (deadlineMs === undefined) return;
    this.table.delete(dueKey(deadlineMs, id));
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
