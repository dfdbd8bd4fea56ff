// Makes a tree of a protobuf message. Fields of a known type have their names; other fields have their numbers, and what
// their bytes are is concluded from the bytes.

import { jsonTree } from './json-tree.js';
import type { FieldType, MessageType } from './message-types.js';
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
    else {
      const tree = knownTree(same, known, depth);
      if (tree !== undefined) entries.push([known.name, tree]);
    }
  }
  return entries;
}

function unknownTree(fields: readonly WireField[], depth: number): Tree {
  const trees = fields.map((field) => unknownValue(field, depth));
  return trees.length === 1 ? trees[0]! : { is: 'list', items: trees };
}

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

/** Returns the tree of a known field; undefined for zero where that is left out. */
function knownTree(fields: readonly WireField[], known: FieldType, depth: number): Tree | undefined {
  if (known.many === 'map') return mapTree(fields, known, depth);
  if (known.many === 'list') {
    const one: FieldType = { ...known, optional: true };
    return { is: 'list', items: fields.map((field) => knownValue(field, one, depth) ?? { is: 'text', text: '' }) };
  }
  if (fields.length > 1) throw new NotOfType(`${known.name} is there ${fields.length} times`);
  return knownValue(fields[0]!, known, depth);
}

function mapTree(fields: readonly WireField[], { name, type }: FieldType, depth: number): TreeMap {
  return {
    is: 'map',
    entries: fields.map((field) => {
      const pair = readMessage(bytesOf(field, name)) ?? wrong(name, 'is no map');
      const [key, value] = [1, 2].map((number) => pair.find((part) => part.number === number));
      const tree = value && knownValue(value, { name, type, optional: true }, depth + 1);
      return [key === undefined ? '' : textOf(key, name), tree ?? { is: 'text', text: '' }];
    }),
  };
}

function knownValue(field: WireField, { name, type, optional }: FieldType, depth: number): Tree | undefined {
  if (typeof type === 'object') return messageTree(bytesOf(field, name), type, depth + 1);
  switch (type) {
    case 'text': {
      const text = textOf(field, name);
      return text === '' && optional !== true ? undefined : { is: 'text', text };
    }
    case 'bytes':
      return { is: 'bytes', bytes: bytesOf(field, name) };
    case 'json': {
      const [raw] = readMessage(bytesOf(field, name)) ?? wrong(name, 'is no message');
      const json = raw === undefined ? '' : textOf(raw, name);
      return json === '' ? undefined : (jsonTree(json) ?? { is: 'text', text: json });
    }
    case 'time':
    case 'microTime':
      return timeTree(bytesOf(field, name), name, type === 'time' ? 0 : 6);
    default: {
      const number = numberOf(field, name);
      if (number === 0n && optional !== true) return undefined;
      return literal(type === 'truth' ? number !== 0n : number);
    }
  }
}

/** Returns a message of seconds in field 1 and nanoseconds in field 2 as a time; undefined if it is empty. */
function timeTree(bytes: Buffer, name: string, fractionDigits: 0 | 6): Tree | undefined {
  const fields = readMessage(bytes) ?? wrong(name, 'is no time');
  if (fields.length === 0) return undefined;
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
