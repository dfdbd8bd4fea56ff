// Makes a tree of a protobuf message. Fields of a known type have their names; other fields have their numbers, and what
// their bytes are is concluded from the bytes.

import { jsonTree } from './json-tree.js';
import { type FieldType, INLINE, type MessageType } from './message-types.js';
import { timestamp } from './timestamp.js';
import { decodeUtf8, literal, printableText, type Tree, type TreeEntry, type TreeMap } from './tree.js';
import { readMessage, type WireField } from './wire.js';

/** Messages that lie deeper are shown as bytes. */
const MAX_DEPTH = 48;

const NEWLINE = 0x0a;

/** Thrown where a field of a known type does not hold what its type says. */
export class NotOfType extends Error {}

/** Returns a message as a tree. Throws NotOfType if it is not of the type. */
export function messageTree(bytes: Buffer, type: MessageType, depth = 0): TreeMap {
  const fields = readMessage(bytes);
  if (fields === undefined) throw new NotOfType(`${bytes.length} bytes are no message`);
  return { is: 'map', entries: entriesOf(fields, type, depth) };
}

/** Returns bytes of unknown type as a tree if they can be a message; undefined if not. */
export function unknownMessage(bytes: Buffer, depth = 0): TreeMap | undefined {
  const fields = readMessage(bytes);
  return fields === undefined ? undefined : { is: 'map', entries: entriesOf(fields, {}, depth) };
}

function entriesOf(fields: readonly WireField[], type: MessageType, depth: number): TreeEntry[] {
  const byNumber = new Map<number, WireField[]>();
  for (const field of fields) {
    const same = byNumber.get(field.number);
    if (same === undefined) byNumber.set(field.number, [field]);
    else same.push(field);
  }
  const entries: TreeEntry[] = [];
  for (const [number, same] of byNumber) {
    const known = type[number];
    if (known === undefined) entries.push([String(number), unknownTree(same, depth)]);
    else if (known.name === INLINE) entries.push(...inlineEntries(number, knownTree(same, known, depth)));
    else entries.push([known.name, knownTree(same, known, depth)]);
  }
  return entries;
}

/** Returns the entries of a message that stand in the one around it; a number has that of the message before it. */
function inlineEntries(number: number, tree: Tree): TreeEntry[] {
  if (tree.is !== 'map') return [];
  return tree.entries.map(([name, child]) => [/^\d/.test(name) ? `${number}.${name}` : name, child]);
}

const UNSET_NUMBER: Tree = { is: 'literal', text: '0', isDefault: true };
const UNSET_TEXT: Tree = { is: 'text', text: '', isDefault: true };

/** Returns the tree of an unknown field. What is there several times was set, whatever it is. */
function unknownTree(fields: readonly WireField[], depth: number): Tree {
  if (fields.length > 1) return { is: 'list', items: fields.map((field) => unknownValue(field, depth)) };
  const { value, fixedBytes } = fields[0]!;
  if (typeof value !== 'bigint') return value.length === 0 ? UNSET_TEXT : unknownBytes(value, depth);
  if (value !== 0n) return unknownValue(fields[0]!, depth);
  return fixedBytes === 0 ? UNSET_NUMBER : defaultOf(unknownValue(fields[0]!, depth));
}

const defaultOf = (tree: Tree): Tree => ({ ...tree, isDefault: true });

function unknownValue({ value, fixedBytes }: WireField, depth: number): Tree {
  if (typeof value === 'bigint') {
    if (fixedBytes === 0) return literal(BigInt.asIntN(64, value));
    return { is: 'literal', text: `0x${value.toString(16).padStart(2 * fixedBytes, '0')}` };
  }
  return unknownBytes(value, depth);
}

/**
 * Returns what bytes of unknown type are: text if they can be, else a message, else bytes. A message that begins with a
 * text can look like text that begins with a newline; whole messages rarely come about by chance.
 */
function unknownBytes(bytes: Buffer, depth: number): Tree {
  const text = printableText(bytes);
  if (text !== undefined && bytes[0] !== NEWLINE) return { is: 'text', text };
  const message = depth < MAX_DEPTH ? unknownMessage(bytes, depth + 1) : undefined;
  return message ?? (text === undefined ? { is: 'bytes', bytes } : { is: 'text', text });
}

function knownTree(fields: readonly WireField[], known: FieldType, depth: number): Tree {
  if (known.many === 'map') return mapTree(fields, known, depth);
  if (known.many === 'list') return { is: 'list', items: fields.map((field) => knownValue(field, known, depth)) };
  if (fields.length > 1) throw new NotOfType(`${known.name} is there ${fields.length} times`);
  const tree = knownValue(fields[0]!, known, depth);
  return known.optional !== true && isZero(tree) ? defaultOf(tree) : tree;
}

function isZero(tree: Tree): boolean {
  if (tree.is === 'literal') return ZEROS.includes(tree.text);
  return tree.is === 'text' ? tree.text === '' : tree.is === 'map' && tree.entries.length === 0;
}

const ZEROS = ['0', 'false', 'null'];

function mapTree(fields: readonly WireField[], known: FieldType, depth: number): TreeMap {
  const { name } = known;
  return {
    is: 'map',
    entries: fields.map((field) => {
      const pair = readMessage(bytesOf(field, name)) ?? wrong(name, 'is no map');
      const [key, value] = [1, 2].map((number) => pair.find((part) => part.number === number));
      const tree: Tree = value === undefined ? { is: 'text', text: '' } : knownValue(value, known, depth + 1);
      return [key === undefined ? '' : textOf(key, name), tree];
    }),
  };
}

function knownValue(field: WireField, { name, type }: FieldType, depth: number): Tree {
  if (typeof type === 'object') return messageTree(bytesOf(field, name), type, depth + 1);
  switch (type) {
    case 'text':
      return { is: 'text', text: textOf(field, name) };
    case 'bytes':
      return { is: 'bytes', bytes: bytesOf(field, name) };
    case 'quantity':
      return { is: 'text', text: onlyText(field, name) };
    case 'json': {
      const json = onlyText(field, name);
      return json === '' ? NULL : (jsonTree(json) ?? { is: 'text', text: json });
    }
    case 'numberOrText':
      return numberOrText(bytesOf(field, name), name);
    case 'time':
    case 'microTime':
      return timeTree(bytesOf(field, name), name, type === 'time' ? 0 : 6);
    default: {
      const number = numberOf(field, name);
      return literal(type === 'truth' ? number !== 0n : number);
    }
  }
}

const NULL: Tree = { is: 'literal', text: 'null' };

/** Returns the text in the first field of a message; '' if there is none. */
function onlyText(field: WireField, name: string): string {
  const [text] = readMessage(bytesOf(field, name)) ?? wrong(name, 'is no message');
  return text === undefined ? '' : textOf(text, name);
}

/** Returns a number in field 2, or a text in field 3 if field 1 is 1. */
function numberOrText(bytes: Buffer, name: string): Tree {
  const fields = readMessage(bytes) ?? wrong(name, 'is no message');
  const [type, number, text] = [1, 2, 3].map((wanted) => fields.find((field) => field.number === wanted));
  const isText = type !== undefined && numberOf(type, name) === 1n;
  if (isText) return { is: 'text', text: text === undefined ? '' : textOf(text, name) };
  return literal(number === undefined ? 0n : numberOf(number, name));
}

/** Returns a message of seconds in field 1 and nanoseconds in field 2 as a time; null if it is empty. */
function timeTree(bytes: Buffer, name: string, fractionDigits: 0 | 6): Tree {
  const fields = readMessage(bytes) ?? wrong(name, 'is no time');
  if (fields.length === 0) return NULL;
  const part = (number: number) => {
    const field = fields.find((candidate) => candidate.number === number);
    return field === undefined ? 0n : numberOf(field, name);
  };
  const text = timestamp(part(1), part(2), fractionDigits) ?? wrong(name, 'is no time');
  return { is: 'literal', text };
}

function wrong(name: string, what: string): never {
  throw new NotOfType(`${name} ${what}`);
}

function bytesOf({ value }: WireField, name: string): Buffer {
  return typeof value === 'bigint' ? wrong(name, 'is a number') : value;
}

function textOf(field: WireField, name: string): string {
  return decodeUtf8(bytesOf(field, name)) ?? wrong(name, 'is not UTF-8');
}

function numberOf({ value, fixedBytes }: WireField, name: string): bigint {
  return typeof value === 'bigint' && fixedBytes === 0 ? BigInt.asIntN(64, value) : wrong(name, 'is no number');
}
