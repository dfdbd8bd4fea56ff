// Reads what an object says of the time at which it was written. Who wrote it took the time from a clock right before
// its request, so that the commit came after it:
//
//   renewTime of a Lease           the clock of its holder, to the microsecond
//   creationTimestamp, and the     the clock of the apiserver, cut to whole seconds
//   times in managedFields
//
// Values of other forms say nothing. Nothing is thrown: what cannot be read says nothing either.

import { membersOf, stringAt } from './json-members.js';
import { readTimestamp } from './timestamp.js';
import { childOf, type Tree, textBetween, textOf } from './tree.js';
import { CBOR_MAGIC, PROTOBUF_MAGIC, recogniseValue } from './value.js';
import { fieldIn, MessageCursor, type Span } from './wire.js';

export interface ClockReadings {
  /** The newest time in managedFields, in µs since 1970; undefined if there is none. */
  readonly managedUs: number | undefined;
  readonly createdUs: number | undefined;
  readonly renewal: Renewal | undefined;
}

interface Renewal {
  readonly timeUs: number;
  /** Who holds the lease; '' if nobody is named. */
  readonly holder: string;
}

/** Kubernetes cuts the times of metadata to whole seconds. */
export const STAMP_RESOLUTION_US = 1_000_000;

const OPENING_BRACE = 0x7b;

/** Returns what a value says of the time; undefined if it is no object of Kubernetes, or cannot be read. */
export function clockReadings(value: Buffer): ClockReadings | undefined {
  if (begins(value, PROTOBUF_MAGIC)) return protobufReadings(value);
  if (value[0] === OPENING_BRACE) return jsonReadings(value);
  return begins(value, CBOR_MAGIC) ? treeReadings(value) : undefined;
}

function begins(value: Buffer, magic: Buffer): boolean {
  for (let at = 0; at < magic.length; at++) if (value[at] !== magic[at]) return false;
  return true;
}

// The numbers of the fields, in the envelope, the object, its metadata, and the spec of a Lease.
const TYPE_META = 1;
const RAW = 2;
const API_VERSION = 1;
const KIND = 2;
const METADATA = 1;
const CREATION_TIMESTAMP = 8;
const MANAGED_FIELDS = 17;
const MANAGED_TIME = 4;
const SPEC = 2;
const HOLDER = 1;
const RENEW_TIME = 4;

function protobufReadings(bytes: Buffer): ClockReadings | undefined {
  const envelope = { start: PROTOBUF_MAGIC.length, end: bytes.length };
  const typeMeta = fieldIn(bytes, envelope, TYPE_META);
  const raw = fieldIn(bytes, envelope, RAW);
  const metadata = raw && fieldIn(bytes, raw, METADATA);
  if (typeMeta === undefined || raw === undefined || metadata === undefined) return undefined;
  const created = fieldIn(bytes, metadata, CREATION_TIMESTAMP);
  let managedUs: number | undefined;
  const cursor = new MessageCursor(bytes, metadata.start, metadata.end);
  while (cursor.next()) {
    if (cursor.number !== MANAGED_FIELDS) continue;
    const time = fieldIn(bytes, cursor, MANAGED_TIME);
    managedUs = later(managedUs, time && timeIn(bytes, time));
  }
  if (cursor.broken) return undefined;
  const createdUs = created && timeIn(bytes, created);
  return { managedUs, createdUs, renewal: isLease(bytes, typeMeta) ? renewalIn(bytes, raw) : undefined };
}

function isLease(bytes: Buffer, typeMeta: Span): boolean {
  const [apiVersion, kind] = [fieldIn(bytes, typeMeta, API_VERSION), fieldIn(bytes, typeMeta, KIND)];
  if (apiVersion === undefined || kind === undefined) return false;
  return isLeaseType(textBetween(bytes, apiVersion.start, apiVersion.end), textBetween(bytes, kind.start, kind.end));
}

function isLeaseType(apiVersion = '', kind = ''): boolean {
  return kind === 'Lease' && apiVersion.startsWith('coordination.k8s.io/');
}

function renewalIn(bytes: Buffer, object: Span): Renewal | undefined {
  const spec = fieldIn(bytes, object, SPEC);
  const renewed = spec && fieldIn(bytes, spec, RENEW_TIME);
  const timeUs = renewed && timeIn(bytes, renewed);
  if (spec === undefined || timeUs === undefined) return undefined;
  const holder = fieldIn(bytes, spec, HOLDER);
  return { timeUs, holder: (holder && textBetween(bytes, holder.start, holder.end)) ?? '' };
}

/** The times that Go writes for "no time" lie before 1970, and others cannot be that of a commit. */
const isTime = (timeUs: number): boolean => timeUs > 0 && timeUs <= Number.MAX_SAFE_INTEGER;

/** Returns a message of seconds and nanoseconds in µs since 1970; undefined if it is no time after 1970. */
function timeIn(bytes: Buffer, span: Span): number | undefined {
  const cursor = new MessageCursor(bytes, span.start, span.end);
  let timeUs = 0;
  while (cursor.next()) {
    if (cursor.number === 1) timeUs += cursor.numberOf() * 1e6;
    if (cursor.number === 2) timeUs += Math.floor(cursor.numberOf() / 1000);
  }
  return cursor.broken || !isTime(timeUs) ? undefined : timeUs;
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}

const OBJECT_MEMBERS = ['apiVersion', 'kind', 'metadata'].map((name) => Buffer.from(name));
const META_MEMBERS = ['creationTimestamp', 'managedFields'].map((name) => Buffer.from(name));

/** Reads a custom resource. Its leases, if it has any, are not Kubernetes' own. */
function jsonReadings(value: Buffer): ClockReadings | undefined {
  const [apiVersionAt, kindAt, metadataAt] = membersOf(value, 0, OBJECT_MEMBERS);
  if (apiVersionAt === undefined || kindAt === undefined || metadataAt === undefined) return undefined;
  if (value[metadataAt] !== OPENING_BRACE) return undefined;
  if (isLeaseType(stringAt(value, apiVersionAt), stringAt(value, kindAt))) return treeReadings(value);
  const [createdAt, managedAt] = membersOf(value, metadataAt, META_MEMBERS);
  if (managedAt !== undefined) return treeReadings(value);
  return {
    managedUs: undefined,
    createdUs: createdAt === undefined ? undefined : timeOf(stringAt(value, createdAt)),
    renewal: undefined,
  };
}

function timeOf(text: string | undefined): number | undefined {
  const timeUs = text === undefined ? undefined : readTimestamp(text)?.timeUs;
  return timeUs === undefined || !isTime(timeUs) ? undefined : timeUs;
}

/** Reads a value by all of its fields. */
function treeReadings(bytes: Buffer): ClockReadings | undefined {
  const value = recogniseValue(bytes);
  if (value.form !== 'object') return undefined;
  const { apiVersion, kind, meta, tree } = value;
  let managedUs: number | undefined;
  for (const { time } of meta.managers) managedUs = later(managedUs, timeOf(time));
  return {
    managedUs,
    createdUs: timeOf(textOf(childOf(tree, 'metadata'), 'creationTimestamp')),
    renewal: isLeaseType(apiVersion, kind) ? renewalOf(childOf(tree, 'spec')) : undefined,
  };
}

function renewalOf(spec: Tree | undefined): Renewal | undefined {
  const timeUs = timeOf(textOf(spec, 'renewTime'));
  return timeUs === undefined ? undefined : { timeUs, holder: textOf(spec, 'holderIdentity') };
}
