// The entries of the `lease` table:
//
//   id (8 bytes BE)              → leasepb.Lease, as etcd writes it
//   id, 'd'                      → the deadline, ms since 1970 (f64 BE), which etcd does not store
//   id, 'k', slot of a key       → the attached key
//
// and under id 0, which no lease has, so that the leases that have run out are found without reading the others:
//
//   0, 'd', deadline, id         → nothing
//   0, 'c'                       → the clock: the latest time at which a deadline was set (f64 BE)

import type { Entry } from './backend.js';

export const ID_BYTES = 8;
const F64_BYTES = 8;
const DEADLINE_MARK = 0x64;
const CLOCK_MARK = 0x63;
const KEY_MARK = 0x6b;

/** Returns an id in the hexadecimal form that etcd's tools print and read. */
export function formatLeaseId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0');
}

export function idBytes(id: bigint): Buffer {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeBigInt64BE(id);
  return bytes;
}

function withSuffix(id: bigint, mark: number): Buffer {
  return Buffer.concat([idBytes(id), Buffer.from([mark])]);
}

export function f64(value: number): Buffer {
  const bytes = Buffer.alloc(F64_BYTES);
  bytes.writeDoubleBE(value);
  return bytes;
}

export const CLOCK = withSuffix(0n, CLOCK_MARK);

export function deadlineKey(id: bigint): Buffer {
  return withSuffix(id, DEADLINE_MARK);
}

/** The prefix of the list of deadlines. Times since 1970 are positive, so their bytes sort as they do. */
const DUE = deadlineKey(0n);
export const DUE_RANGE = { gte: DUE, lt: withSuffix(0n, DEADLINE_MARK + 1) };

export function dueKey(deadlineMs: number, id: bigint): Buffer {
  return Buffer.concat([DUE, f64(deadlineMs), idBytes(id)]);
}

/** Returns the deadline in an entry of the list of deadlines. */
export function deadlineIn(due: Entry): number {
  return due.key.readDoubleBE(DUE.length);
}

/** Returns the lease in an entry of the list of deadlines. */
export function idIn(due: Entry): bigint {
  return due.key.readBigInt64BE(DUE.length + F64_BYTES);
}

/** What an entry of the list of deadlines says. */
export interface Due {
  readonly deadlineMs: number;
  readonly id: bigint;
}

/** Reads an entry of the list of deadlines; undefined if it cannot be one. */
export function dueIn(entry: Entry): Due | undefined {
  if (!isWholeDue(entry.key)) return undefined;
  const deadlineMs = deadlineIn(entry);
  return isPossible(deadlineMs) ? { deadlineMs, id: idIn(entry) } : undefined;
}

/** Reads a time, ms since 1970; undefined if the bytes cannot be one. */
export function timeIn(bytes: Buffer): number | undefined {
  const time = bytes.length === F64_BYTES ? bytes.readDoubleBE(0) : Number.NaN;
  return isPossible(time) ? time : undefined;
}

function isPossible(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0;
}

/** Returns the region of a lease's attachments for key-slot.ts: a latin-1 prefix. */
export function attachmentRegion(id: bigint): string {
  return withSuffix(id, KEY_MARK).toString('latin1');
}

export function attachmentRange(id: bigint): { gte: Buffer; lt: Buffer } {
  return { gte: withSuffix(id, KEY_MARK), lt: withSuffix(id, KEY_MARK + 1) };
}

export function isAttachment(key: Buffer): boolean {
  return key[ID_BYTES] === KEY_MARK;
}

export const attachedKey = (value: Buffer): string => value.toString('latin1');

/** What an entry is for; `unknown` for a form that nothing here writes. */
export type LeaseEntryKind = 'lease' | 'deadline' | 'attachment' | 'due' | 'clock' | 'unknown';

/** Tells what an entry is for by its key. */
export function kindOf(key: Buffer): LeaseEntryKind {
  if (key.length < ID_BYTES) return 'unknown';
  const ofNoLease = key.readBigUInt64BE(0) === 0n;
  const mark = key[ID_BYTES];
  if (ofNoLease && mark === DEADLINE_MARK) return 'due';
  if (ofNoLease) return key.equals(CLOCK) ? 'clock' : 'unknown';
  if (mark === undefined) return 'lease';
  if (mark === KEY_MARK) return 'attachment';
  return mark === DEADLINE_MARK && key.length === ID_BYTES + 1 ? 'deadline' : 'unknown';
}

/** Tells whether a value is a time. */
export function isTime(value: Buffer): boolean {
  return timeIn(value) !== undefined;
}

/** Tells whether an entry of the list of deadlines has a deadline and a lease. */
export function isWholeDue(key: Buffer): boolean {
  return key.length === DUE.length + F64_BYTES + ID_BYTES;
}
