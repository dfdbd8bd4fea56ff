// Takes a tree apart into fields: each value that holds no others, with the path to it.

import { jsonText } from '../bytes/unsafe-characters.js';
import { isOwnership, ownershipText } from './ownership.js';
import { printableText, type Tree, type TreeMap, textOf } from './tree.js';

/** A value and the path to it. Both are safe on any terminal. */
export interface Field {
  /** Names, as in `spec.containers[web].image`; a field of an unknown protobuf type has a number: `2.1`. */
  readonly path: string;
  /** Text stands in quotes, numbers do not; bytes that are no text are hexadecimal. */
  readonly text: string;
}

/** A part of a tree, and the path to it. */
export interface Part {
  readonly path: string;
  readonly tree: Tree;
}

/** Yields the fields of a tree for people, in the order in which they are stored. No path is there twice. */
export function* fieldsOf(tree: Tree): Iterable<Field> {
  for (const leaf of shownLeaves({ path: '', tree })) yield { path: leaf.path, text: leafText(leaf.tree) };
}

/** Returns a field as one line. A value that is one leaf, as an empty list, has no path. */
export function fieldLine({ path, text }: Field): string {
  return path === '' ? text : `${path}: ${text}`;
}

/** Returns the leaves of a part without those that are the defaults of protobuf, of which there are many; all, if all are. */
export function shownLeaves(part: Part): readonly Part[] {
  const leaves = [...leavesOf(part)];
  const set = leaves.filter(({ tree }) => tree.isDefault !== true);
  return set.length > 0 ? set : leaves;
}

/** Yields the parts that hold no others; empty maps and lists are among them. */
export function* leavesOf(part: Part): Iterable<Part> {
  const children = childrenOf(part);
  if (children.length === 0) yield part;
  for (const child of children) yield* leavesOf(child);
}

/** The path of the list that says who owns which fields of an object, in any order. */
export const MANAGED_FIELDS = 'metadata.managedFields';

const NO_PARTS: readonly Part[] = [];

/** Returns the parts of a part; none if it is told as one. */
export function childrenOf({ path, tree }: Part): readonly Part[] {
  if (tree.is !== 'map' && tree.is !== 'list') return NO_PARTS;
  if (path.startsWith(MANAGED_FIELDS) && isTold(path, tree)) return NO_PARTS;
  const steps = tree.is === 'map' ? mapSteps(tree) : listSteps(tree.items);
  return Array.from(steps, ([step, child]) => {
    return { path: path === '' && step.startsWith('.') ? step.slice(1) : path + step, tree: child };
  });
}

/** Tells whether a line says all of an entry of managedFields: the brackets at the end of its path say who the manager is. */
const isTold = (path: string, tree: Tree): boolean =>
  isOwnership(tree) && path === MANAGED_FIELDS + bracketed(managerName(tree));

const PLAIN_NAME = /^[\w-]+$/;
/** Names with these characters stand in quotes, so that a path can be read in one way only. */
const NEEDS_QUOTES = /[[\]"\\]/;

const bracketed = (name: string): string => {
  const quoted = jsonText(name);
  const plain = name !== '' && !NEEDS_QUOTES.test(name) && quoted === `"${name}"`;
  return `[${plain ? name : quoted}]`;
};

function* mapSteps({ entries }: TreeMap): Iterable<readonly [step: string, tree: Tree]> {
  const seen = new Map<string, number>();
  for (const [name, tree] of entries) {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const step = PLAIN_NAME.test(name) ? `.${name}` : bracketed(name);
    yield [times === 1 ? step : `${step}#${times}`, tree];
  }
}

/** The entries by which an item of a list can be told from the others: names in JSON, field 1 in protobuf. */
const NAMING_ENTRIES = ['name', 'type', '1'];

function* listSteps(items: readonly Tree[]): Iterable<readonly [step: string, tree: Tree]> {
  const names = namesOf(items);
  for (const [i, tree] of items.entries()) yield [names === undefined ? `[${i}]` : bracketed(names[i]!), tree];
}

/** Returns a name for each item of a list, so that an item keeps its path where others come and go; undefined if there is none. */
function namesOf(items: readonly Tree[]): readonly string[] | undefined {
  const candidates = [...NAMING_ENTRIES.map((entry) => (item: Tree) => textOf(item, entry)), managerName];
  for (const nameOf of candidates) {
    const names = items.map(nameOf);
    if (!names.includes('') && new Set(names).size === names.length) return names;
  }
  return undefined;
}

function managerName(item: Tree): string {
  if (textOf(item, 'manager') === '') return '';
  const parts = ['manager', 'operation', 'subresource', 'apiVersion'].map((entry) => textOf(item, entry));
  return parts.filter((part) => part !== '').join(' ');
}

/** Returns a part without parts as text, which is safe on any terminal. */
export function leafText(tree: Tree): string {
  switch (tree.is) {
    case 'text':
      return jsonText(tree.text);
    case 'literal':
      return tree.text;
    case 'bytes':
      return bytesText(tree.bytes);
    case 'hidden':
      return hiddenText(tree.tree);
    case 'list':
      return '[]';
    default:
      return tree.entries.length === 0 ? '{}' : ownershipText(tree);
  }
}

function bytesText(bytes: Buffer): string {
  const text = printableText(bytes);
  return text === undefined ? `0x${bytes.toString('hex')}` : jsonText(text);
}

function hiddenText(tree: Tree): string {
  const size = tree.is === 'text' ? Buffer.byteLength(tree.text) : tree.is === 'bytes' ? tree.bytes.length : undefined;
  return size === undefined ? '(hidden)' : `(hidden, ${size} ${size === 1 ? 'byte' : 'bytes'})`;
}
