// Tells an entry of managedFields in one line: when its manager wrote last, and which fields it owns. Who the manager is
// stands in the path.

import { holdsUnsafe, jsonText } from '../bytes/unsafe-characters.js';
import { childOf, type Tree, type TreeMap, textOf } from './tree.js';

/** The entries that are told, or stand in the path; `fieldsType` is the same in all. */
const USUAL_ENTRIES = ['manager', 'operation', 'subresource', 'apiVersion', 'time', 'fieldsType', 'fieldsV1'];
const USUAL_TIME = /^[\d:.TZ+-]*$/;

/** Tells whether a tree is an entry of managedFields with nothing in it that one line would not tell. */
export function isOwnership(tree: Tree): tree is TreeMap {
  if (tree.is !== 'map' || childOf(tree, 'manager')?.is !== 'text') return false;
  const names = tree.entries.map(([name]) => name);
  return (
    names.every((name) => USUAL_ENTRIES.includes(name)) &&
    new Set(names).size === names.length &&
    tree.entries.every(([name, child]) => name === 'fieldsV1' || child.is === 'text' || child.is === 'literal') &&
    USUAL_TIME.test(textOf(tree, 'time')) &&
    ['FieldsV1', ''].includes(textOf(tree, 'fieldsType')) &&
    isFieldSet(childOf(tree, 'fieldsV1'))
  );
}

/** Tells whether a tree is names and nothing else, as FieldsV1 is. */
function isFieldSet(tree: Tree | undefined): boolean {
  if (tree === undefined || tree.isDefault) return true;
  return tree.is === 'map' && tree.entries.every(([, child]) => isFieldSet(child));
}

/** The names that lead to a field, as FieldsV1 has them: `f:spec`, `k:{"name":"web"}`. */
type FieldPath = readonly string[];

function* ownedPaths(tree: Tree | undefined, path: FieldPath = []): Iterable<FieldPath> {
  if (tree?.is !== 'map') return;
  for (const [name, child] of tree.entries) {
    if (child.is === 'map' && child.entries.length > 0) yield* ownedPaths(child, [...path, name]);
    else yield [...path, name];
  }
}

const pathsOf = (entry: TreeMap): FieldPath[] => [...ownedPaths(childOf(entry, 'fieldsV1'))];

const timeOf = (entry: TreeMap): string => textOf(entry, 'time') || 'no time';

/** The most characters of names that are shown of an entry. */
const MAX_CHARS = 100;

/** Returns an entry as `2026-11-28T04:58:31Z, status(phase podIP startTime)`; the names are cut where they are many. */
export function ownershipText(entry: TreeMap): string {
  const paths = pathsOf(entry);
  if (paths.length === 0) return timeOf(entry);
  let [count, chars] = [0, 0];
  for (; count < paths.length; count++) {
    chars += newChars(paths[count - 1], paths[count]!);
    if (count > 0 && chars > MAX_CHARS) break;
  }
  const more = count < paths.length ? ` and ${paths.length - count} more` : '';
  return `${timeOf(entry)}, ${nested(paths.slice(0, count))}${more}`;
}

/** Returns how long the names are that a path does not share with the path before. */
function newChars(before: FieldPath | undefined, path: FieldPath): number {
  const fresh = path.findIndex((name, i) => before?.[i] !== name);
  return path.slice(fresh).reduce((sum, name) => sum + name.length, 0);
}

/** Returns what differs between two entries: the times, and all fields that were lost and gained. */
export function ownershipChange(before: TreeMap, after: TreeMap): { before: string; after: string } {
  const [had, has] = [pathsOf(before), pathsOf(after)];
  const was = listed(timeOf(before), 'lost', without(had, has));
  const is = listed(timeOf(after), 'gained', without(has, had));
  return { before: was, after: was === is ? `${is}, changed` : is };
}

const listed = (time: string, what: string, paths: readonly FieldPath[]): string =>
  paths.length === 0 ? time : `${time}, ${what} ${nested(paths)}`;

function without(paths: readonly FieldPath[], others: readonly FieldPath[]): FieldPath[] {
  const keys = new Set(others.map((path) => JSON.stringify(path)));
  return paths.filter((path) => !keys.has(JSON.stringify(path)));
}

/** Returns paths as `status(phase podIP)`; a field with only one field in it is `spec.replicas`. */
function nested(paths: readonly FieldPath[]): string {
  const groups = new Map<string, FieldPath[]>();
  for (const [name, ...rest] of paths) groups.set(name!, [...(groups.get(name!) ?? []), rest]);
  return Array.from(groups, ([name, below]) => {
    const inner = below.filter((path) => path.length > 0);
    if (inner.length === 0) return plainName(name);
    const first = inner[0]![0];
    const isChain = first !== '.' && inner.length === below.length && inner.every((path) => path[0] === first);
    return isChain ? `${plainName(name)}.${nested(inner)}` : `${plainName(name)}(${nested(inner)})`;
  }).join(' ');
}

/** Returns a name of FieldsV1 without the letter that says what it is, safe on any terminal. */
function plainName(name: string): string {
  const plain = name.replace(/^[fkv]:(?=.)/s, '');
  return holdsUnsafe(plain) ? jsonText(plain).slice(1, -1) : plain;
}
