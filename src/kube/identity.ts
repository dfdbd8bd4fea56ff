// Reads who an object is.

import { membersOf, stringAt } from './json-members.js';
import { textBetween } from './tree.js';
import { CBOR_MAGIC, ENCRYPTED_MAGIC, PROTOBUF_MAGIC, recogniseValue } from './value.js';
import { fieldIn, type Span } from './wire.js';

export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for an object without a namespace. */
  readonly namespace: string;
  /** '' for the few objects that an apiserver keeps for itself. */
  readonly name: string;
}

const OPENING_BRACE = 0x7b;

const OBJECT_MEMBERS = ['apiVersion', 'kind', 'metadata'].map((name) => Buffer.from(name));
const META_MEMBERS = ['name', 'namespace'].map((name) => Buffer.from(name));

/**
 * Returns who the object in a value is; `encrypted` if that cannot be read, and undefined if it is no object. What has no
 * part in it is not read, and may be damaged.
 */
export function objectIdentity(value: Buffer): ObjectIdentity | 'encrypted' | undefined {
  if (begins(value, PROTOBUF_MAGIC)) return protobufIdentity(value);
  if (begins(value, ENCRYPTED_MAGIC)) return 'encrypted';
  if (begins(value, CBOR_MAGIC)) return wholeIdentity(value);
  return value[0] === OPENING_BRACE ? jsonIdentity(value) : undefined;
}

function begins(value: Buffer, magic: Buffer): boolean {
  for (let i = 0; i < magic.length; i++) if (value[i] !== magic[i]) return false;
  return true;
}

/** Returns a field's text; '' if it is not there, and undefined if it is no text. */
function textIn(bytes: Buffer, span: Span, number: number): string | undefined {
  const field = fieldIn(bytes, span, number);
  return field === undefined ? '' : textBetween(bytes, field.start, field.end);
}

/** Reads the envelope and the metadata, in field 1 of the object. */
function protobufIdentity(bytes: Buffer): ObjectIdentity | undefined {
  const envelope = { start: PROTOBUF_MAGIC.length, end: bytes.length };
  const typeMeta = fieldIn(bytes, envelope, 1);
  const raw = fieldIn(bytes, envelope, 2);
  const metadata = raw && fieldIn(bytes, raw, 1);
  if (typeMeta === undefined || metadata === undefined) return undefined;
  const apiVersion = textIn(bytes, typeMeta, 1);
  const kind = textIn(bytes, typeMeta, 2);
  const namespace = textIn(bytes, metadata, 3);
  const name = textIn(bytes, metadata, 1);
  if (apiVersion === undefined || !kind || namespace === undefined || name === undefined) return undefined;
  return { apiVersion, kind, namespace, name };
}

function jsonIdentity(value: Buffer): ObjectIdentity | undefined {
  const [apiVersionAt, kindAt, metadataAt] = membersOf(value, 0, OBJECT_MEMBERS);
  if (apiVersionAt === undefined || kindAt === undefined) return undefined;
  const apiVersion = stringAt(value, apiVersionAt);
  const kind = stringAt(value, kindAt);
  if (!apiVersion || !kind) return undefined;
  const hasMetadata = metadataAt !== undefined && value[metadataAt] === OPENING_BRACE;
  const [nameAt, namespaceAt] = hasMetadata ? membersOf(value, metadataAt, META_MEMBERS) : [];
  const name = nameAt === undefined ? '' : stringAt(value, nameAt);
  const namespace = namespaceAt === undefined ? '' : stringAt(value, namespaceAt);
  return name === undefined || namespace === undefined ? undefined : { apiVersion, kind, namespace, name };
}

/** Reads all of a value. Returns undefined also if some of it cannot be read. */
export function wholeIdentity(bytes: Buffer): ObjectIdentity | 'encrypted' | undefined {
  const value = recogniseValue(bytes);
  if (value.form === 'encrypted') return 'encrypted';
  if (value.form !== 'object') return undefined;
  const { apiVersion, kind, meta } = value;
  return { apiVersion, kind, namespace: meta.namespace, name: meta.name };
}
