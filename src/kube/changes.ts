// Compares two values field by field.

import { childrenOf, leafText, leavesOf, MANAGED_FIELDS, type Part, shownLeaves } from './fields.js';
import { isOwnership, ownershipChange } from './ownership.js';
import { hasFields, type ToldValue } from './told-value.js';
import type { Tree } from './tree.js';

export interface FieldChange {
  readonly path: string;
  /** undefined if the field was not there. */
  readonly before: string | undefined;
  /** undefined if the field is not there any more. */
  readonly after: string | undefined;
}

/** A value; undefined if it is not there. */
type Value = ToldValue | undefined;

/**
 * Returns the fields that differ, in the order of the values. It is empty if only the encoding differs. Values without
 * fields, as text, cannot be compared so: then it is undefined.
 */
export function changesBetween(before: Value, after: Value): readonly FieldChange[] | undefined {
  if ((before && !hasFields(before)) || (after && !hasFields(after))) return undefined;
  const changes: FieldChange[] = [];
  compare(partOf(before), partOf(after), changes);
  return changes;
}

const partOf = (told: Value): Part | undefined => told && { path: '', tree: told.tree };

/** Adds what differs between two parts with the same path. Of a part that comes or goes it is what is shown of a whole one. */
function compare(before: Part | undefined, after: Part | undefined, changes: FieldChange[]): void {
  const [was, is] = [before ? childrenOf(before) : [], after ? childrenOf(after) : []];
  if (before !== undefined && after !== undefined && was.length === 0 && is.length === 0) {
    if (!isSame(before.tree, after.tree)) changes.push(changed(before, after));
  } else if (was.length === 0 || is.length === 0 || before!.tree.is !== after!.tree.is) {
    const [gone, come] = [before ? shownLeaves(before) : [], after ? shownLeaves(after) : []];
    for (const { path, tree } of gone) changes.push({ path, before: leafText(tree), after: undefined });
    for (const { path, tree } of come) changes.push({ path, before: undefined, after: leafText(tree) });
  } else {
    const [old, now] = [byPath(was), byPath(is)];
    for (const part of was) if (!now.has(part.path)) compare(part, undefined, changes);
    const order = after!.tree.is === 'list' ? orderChange(after!.path, [...old.keys()], [...now.keys()]) : undefined;
    if (order !== undefined) changes.push(order);
    for (const part of is) compare(old.get(part.path), part, changes);
  }
}

const byPath = (parts: readonly Part[]): ReadonlyMap<string, Part> => new Map(parts.map((part) => [part.path, part]));

/** Tells that items of a list that stay have another order; undefined if not, or if the order says nothing. */
function orderChange(list: string, before: readonly string[], after: readonly string[]): FieldChange | undefined {
  if (list === MANAGED_FIELDS) return undefined;
  const [was, is] = [new Set(before), new Set(after)];
  const kept = { before: before.filter((path) => is.has(path)), after: after.filter((path) => was.has(path)) };
  if (kept.before.every((path, i) => path === kept.after[i])) return undefined;
  const text = (paths: readonly string[]) => paths.map((path) => path.slice(list.length)).join(' ');
  return { path: list, before: text(kept.before), after: text(kept.after) };
}

function changed({ path, tree: before }: Part, { tree: after }: Part): FieldChange {
  if (isOwnership(before) && isOwnership(after)) return { path, ...ownershipChange(before, after) };
  const [was, is] = [leafText(before), leafText(after)];
  return { path, before: was, after: was === is ? is.replace(/\)$/, ', changed)') : is };
}

function isSame(before: Tree, after: Tree): boolean {
  // Most leaves are text that stays, and need not be quoted to be compared.
  if (before.is === 'text' && after.is === 'text') return before.text === after.text;
  return exactText(before) === exactText(after);
}

/** Returns all of what a leaf is, hidden or not. */
export function exactText(tree: Tree): string {
  const whole = tree.is === 'hidden' ? tree.tree : tree;
  if (tree.is !== 'hidden' && (tree.is !== 'map' || tree.entries.length === 0)) return leafText(tree);
  return Array.from(leavesOf({ path: '', tree: whole }), (leaf) => `${leaf.path}=${exactText(leaf.tree)}`).join('\n');
}
