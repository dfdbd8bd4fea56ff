// Leases and the keys attached to them, as etcd's lessor.go keeps them, in the `lease` table:
//
//   id (8 bytes BE)              → leasepb.Lease, as etcd writes it
//   id, 'd'                      → the deadline, ms since 1970 (f64), which etcd does not store
//   id, 'k', slot of a key       → the attached key
//
// Time is an argument: what is overdue is decided by whoever has a clock.

import { MvccwError } from '../errors.js';
import type { ReadTable, Table } from './backend.js';
import { slotOf } from './key-slot.js';
import { decodeLease, encodeLease, type LeaseRecord } from './key-value.js';

const ID_BYTES = 8;
const DEADLINE_MARK = 0x64;
const KEY_REGION = 'k';
const KEY_MARK = KEY_REGION.charCodeAt(0);

export interface Lease extends LeaseRecord {
  /** When it runs out; undefined when nothing says so, as in etcd's own files. */
  readonly deadlineMs: number | undefined;
}

/** The hexadecimal form that etcd's tools print and read. */
export function formatLeaseId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0');
}

function idBytes(id: bigint): Buffer {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeBigInt64BE(id);
  return bytes;
}

function withSuffix(id: bigint, mark: number): Buffer {
  return Buffer.concat([idBytes(id), Buffer.from([mark])]);
}

/** The region of one lease's attachments, as key-slot.ts wants it: a latin-1 prefix. */
function attachmentRegion(id: bigint): string {
  return withSuffix(id, KEY_MARK).toString('latin1');
}

const attachedKey = (value: Buffer): string => value.toString('latin1');

export class LeaseReader {
  constructor(protected readonly table: ReadTable) {}

  has(id: bigint): boolean {
    return this.table.get(idBytes(id)) !== undefined;
  }

  get(id: bigint): Lease | undefined {
    const bytes = this.table.get(idBytes(id));
    return bytes === undefined ? undefined : this.lease(bytes);
  }

  /** All leases by id, as unsigned numbers. */
  *list(): Iterable<Lease> {
    for (const entry of this.table.entries()) {
      if (entry.key.length === ID_BYTES) yield this.lease(entry.value);
    }
  }

  /** The keys attached to a lease, in key order. */
  keys(id: bigint): string[] {
    const prefix = withSuffix(id, KEY_MARK);
    const keys: string[] = [];
    for (const entry of this.table.entries({ gte: prefix, lt: withSuffix(id, KEY_MARK + 1) })) {
      keys.push(attachedKey(entry.value));
    }
    return keys.sort((a, b) => (a < b ? -1 : 1));
  }

  private lease(bytes: Buffer): Lease {
    const record = decodeLease(bytes);
    return { ...record, deadlineMs: this.table.get(withSuffix(record.id, DEADLINE_MARK))?.readDoubleBE(0) };
  }
}

/** The write side; every call belongs inside a write transaction of the backend. */
export class LeaseBook extends LeaseReader {
  constructor(protected override readonly table: Table) {
    super(table);
  }

  /** Throws LEASE_EXISTS, or LEASE_NOT_FOUND for id 0, which means "no lease" everywhere. */
  grant(id: bigint, ttlSeconds: number, deadlineMs?: number): void {
    if (id === 0n) throw leaseNotFound(id);
    if (this.has(id)) throw new MvccwError('LEASE_EXISTS', `lease ${formatLeaseId(id)} already exists`);
    this.table.put(idBytes(id), encodeLease({ id, ttlSeconds, remainingTtlSeconds: 0 }));
    if (deadlineMs !== undefined) this.setDeadline(id, deadlineMs);
  }

  setDeadline(id: bigint, deadlineMs: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(deadlineMs);
    this.table.put(withSuffix(id, DEADLINE_MARK), bytes);
  }

  /** Removes the lease and its attachments; the keys themselves are the store's to delete. */
  remove(id: bigint): void {
    for (const key of this.keys(id)) this.detach(id, key);
    this.table.delete(withSuffix(id, DEADLINE_MARK));
    this.table.delete(idBytes(id));
  }

  attach(id: bigint, key: string): void {
    this.table.put(this.slot(id, key), Buffer.from(key, 'latin1'));
  }

  detach(id: bigint, key: string): void {
    this.table.delete(this.slot(id, key));
  }

  /** Forgets which keys hang on which lease, before they are found anew from the records. */
  detachAll(): void {
    const attachments: Buffer[] = [];
    for (const { key } of this.table.entries()) if (key[ID_BYTES] === KEY_MARK) attachments.push(key);
    for (const key of attachments) this.table.delete(key);
  }

  private slot(id: bigint, key: string): Buffer {
    return slotOf(this.table, attachmentRegion(id), key, attachedKey);
  }
}

export function leaseNotFound(id: bigint): MvccwError {
  return new MvccwError('LEASE_NOT_FOUND', `lease ${formatLeaseId(id)} not found`, {
    hint: 'list the leases there are with: mvccw lease list',
  });
}
