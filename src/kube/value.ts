// Recognises what a value is without being told: an object of Kubernetes in any of its encodings, another document, or
// text or bytes. Bytes that only begin like an object are damaged; nothing is thrown.

import { cborTree } from './cbor-tree.js';
import { jsonTree } from './json-tree.js';
import { type MessageType, OBJECT_META, OBJECT_TYPES, UNKNOWN_OBJECT } from './message-types.js';
import { type ObjectMeta, objectMeta } from './object-meta.js';
import { messageTree, NotOfType, unknownMessage } from './proto-tree.js';
import { childOf, decodeUtf8, EMPTY_MAP, printableText, type Tree, type TreeMap } from './tree.js';
import { readMessage, type WireField } from './wire.js';

type Encoding = 'protobuf' | 'json' | 'cbor';

export interface KubeObject {
  readonly form: 'object';
  readonly encoding: Encoding;
  readonly apiVersion: string;
  readonly kind: string;
  readonly meta: ObjectMeta;
  /** All fields; those of a protobuf type that is not known have their numbers as names. */
  readonly tree: Tree;
}

interface Encrypted {
  readonly form: 'encrypted';
  readonly provider: string;
  readonly version: string;
  /** The name of the key, which is not the key. */
  readonly keyName: string;
}

interface Damaged {
  readonly form: 'damaged';
  readonly encoding: Encoding | 'encrypted';
  readonly problem: string;
}

export type KubeValue =
  | KubeObject
  | Encrypted
  | Damaged
  /** No object: other JSON or CBOR, or bytes that read as protobuf, which may be chance. */
  | { readonly form: 'document'; readonly encoding: Encoding; readonly tree: Tree }
  | { readonly form: 'text'; readonly text: string }
  | { readonly form: 'bytes' };

export const PROTOBUF_MAGIC = Buffer.from('k8s\0', 'latin1');
export const CBOR_MAGIC = Buffer.from([0xd9, 0xd9, 0xf7]);
export const ENCRYPTED_MAGIC = Buffer.from('k8s:enc:', 'latin1');

const begins = (value: Buffer, magic: Buffer): boolean => magic.equals(value.subarray(0, magic.length));

export function recogniseValue(value: Buffer): KubeValue {
  if (begins(value, PROTOBUF_MAGIC)) return protobufObject(value.subarray(PROTOBUF_MAGIC.length));
  if (begins(value, CBOR_MAGIC)) return cborValue(value);
  if (begins(value, ENCRYPTED_MAGIC)) return encryptedValue(value);
  return jsonValue(value) ?? plainValue(value);
}

const damaged = (encoding: Damaged['encoding'], problem: string): Damaged => ({ form: 'damaged', encoding, problem });

/** The fields of the envelope around an object in protobuf. */
const TYPE_META = 1;
const RAW = 2;
const CONTENT_ENCODING = 3;

const bytesAt = (fields: readonly WireField[], number: number): Buffer | undefined => {
  const value = fields.find((field) => field.number === number)?.value;
  return typeof value === 'bigint' ? undefined : value;
};

const textAt = (fields: readonly WireField[], number: number): string =>
  decodeUtf8(bytesAt(fields, number) ?? Buffer.alloc(0)) ?? '';

function protobufObject(bytes: Buffer): KubeObject | Damaged {
  const envelope = readMessage(bytes);
  if (envelope === undefined) return damaged('protobuf', 'the envelope is cut short, or is no message');
  const typeMeta = readMessage(bytesAt(envelope, TYPE_META) ?? Buffer.alloc(0)) ?? [];
  const [apiVersion, kind] = [textAt(typeMeta, 1), textAt(typeMeta, 2)];
  if (kind === '') return damaged('protobuf', 'the envelope has no kind');
  const named = `${apiVersion} ${kind}`;
  const compression = textAt(envelope, CONTENT_ENCODING);
  if (compression !== '') return damaged('protobuf', `the ${named} has an encoding of its own, which is not known`);
  const raw = bytesAt(envelope, RAW) ?? Buffer.alloc(0);
  const fields = readMessage(raw);
  if (fields === undefined) return damaged('protobuf', `the ${named} is cut short, or is no message`);
  const type = OBJECT_TYPES[named] ?? UNKNOWN_OBJECT;
  try {
    const metadata = messageTree(bytesAt(fields, 1) ?? Buffer.alloc(0), OBJECT_META);
    let tree: TreeMap | undefined;
    const object: KubeObject = {
      form: 'object',
      encoding: 'protobuf',
      apiVersion,
      kind,
      meta: objectMeta(metadata),
      get tree() {
        tree ??= bodyTree(raw, type);
        return tree;
      },
    };
    return object;
  } catch (error) {
    if (!(error instanceof NotOfType)) throw error;
    return damaged('protobuf', `the ${named} has metadata that cannot be read: ${error.message}`);
  }
}

/** Returns all fields: by the names of the type if they can be read so, else by number. */
function bodyTree(raw: Buffer, type: MessageType): TreeMap {
  try {
    return messageTree(raw, type);
  } catch (error) {
    if (!(error instanceof NotOfType)) throw error;
    return type === UNKNOWN_OBJECT ? (unknownMessage(raw) ?? EMPTY_MAP) : bodyTree(raw, UNKNOWN_OBJECT);
  }
}

/** Returns a document as an object if it says its kind and apiVersion. */
function objectOrDocument(encoding: Encoding, tree: Tree): KubeValue {
  const [kind, apiVersion] = [childOf(tree, 'kind'), childOf(tree, 'apiVersion')];
  if (kind?.is !== 'text' || apiVersion?.is !== 'text' || kind.text === '' || apiVersion.text === '') {
    return { form: 'document', encoding, tree };
  }
  const meta = objectMeta(childOf(tree, 'metadata'));
  return { form: 'object', encoding, apiVersion: apiVersion.text, kind: kind.text, meta, tree };
}

function cborValue(value: Buffer): KubeValue {
  try {
    return objectOrDocument('cbor', cborTree(value.subarray(CBOR_MAGIC.length)));
  } catch (error) {
    return damaged('cbor', `it is no CBOR: ${(error as Error).message.replace(/^CBOR decode error:? */, '')}`);
  }
}

/** The longest beginning in which the names of an encrypted value's parts are looked for. */
const MAX_ENCRYPTED_PREFIX = 1024;

function encryptedValue(value: Buffer): Encrypted | Damaged {
  const start = value.toString('latin1', 0, MAX_ENCRYPTED_PREFIX);
  const [, provider, version, keyName] = /^k8s:enc:([^:]+):(v\d+):([^:]*):/.exec(start) ?? [];
  if (provider === undefined || version === undefined || keyName === undefined) {
    return damaged('encrypted', 'the prefix does not name provider, version and key');
  }
  return { form: 'encrypted', provider, version, keyName };
}

const BRACES = ['{', '['];
/** What the JSON of an object has. */
const LOOKS_LIKE_OBJECT = /"(?:apiVersion|kind)"\s*:\s*"/;
const MAX_BLANKS = 64;

/** Returns what a value is that begins like JSON; undefined if it is no JSON. */
function jsonValue(value: Buffer): KubeValue | undefined {
  const first = value.toString('latin1', 0, MAX_BLANKS).trimStart()[0] ?? '';
  if (!BRACES.includes(first)) return undefined;
  const text = decodeUtf8(value);
  const tree = text === undefined ? undefined : jsonTree(text);
  if (tree !== undefined) return objectOrDocument('json', tree);
  if (!LOOKS_LIKE_OBJECT.test(value.toString('latin1'))) return undefined;
  return damaged(
    'json',
    text === undefined ? 'it is not UTF-8' : 'it is cut short or nested too deeply, or is no JSON',
  );
}

/** The most bytes that are tried as a message: its fields, if they are short, take some hundred times as many. */
const MAX_GUESSED_BYTES = 256 * 1024;

function plainValue(value: Buffer): KubeValue {
  const text = printableText(value);
  if (text !== undefined) return { form: 'text', text };
  if (value.length > MAX_GUESSED_BYTES) return { form: 'bytes' };
  const tree = unknownMessage(value);
  return tree === undefined ? { form: 'bytes' } : { form: 'document', encoding: 'protobuf', tree };
}
