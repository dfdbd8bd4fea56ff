// Compares two values field by field.

import { type Leaf, leafText, leavesOf } from './fields.js';
import type { ToldValue } from './told-value.js';
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
  if (!hasFields(before) || !hasFields(after)) return undefined;
  const old = new Map(leavesIn(before).map(({ path, tree }) => [path, tree]));
  const changes: FieldChange[] = [];
  const kept = new Set<string>();
  for (const { path, tree } of leavesIn(after)) {
    const was = old.get(path);
    if (was === undefined) changes.push({ path, before: undefined, after: leafText(tree) });
    else kept.add(path);
    if (was !== undefined && !isSame(was, tree)) changes.push(changed(path, was, tree));
  }
  const gone = [...old].filter(([path]) => !kept.has(path));
  return [...gone.map(([path, tree]) => ({ path, before: leafText(tree), after: undefined })), ...changes];
}

const hasFields = (told: Value): boolean =>
  told === undefined || told.value.form === 'object' || told.value.form === 'document';

const leavesIn = (told: Value): Leaf[] => (told === undefined ? [] : [...leavesOf(told.tree)]);

function changed(path: string, before: Tree, after: Tree): FieldChange {
  const [was, is] = [leafText(before), leafText(after)];
  return { path, before: was, after: was === is ? is.replace(/\)$/, ', changed)') : is };
}

function isSame(before: Tree, after: Tree): boolean {
  // Most leaves are text that stays, and need not be quoted to be compared.
  if (before.is === 'text' && after.is === 'text') return before.text === after.text;
  return exactText(before) === exactText(after);
}

/** Returns what a leaf is, hidden or not. */
function exactText(tree: Tree): string {
  if (tree.is !== 'hidden') return leafText(tree);
  const leaves: Leaf[] = [...leavesOf(tree.tree)];
  return leaves.map((leaf) => `${leaf.path}=${exactText(leaf.tree)}`).join('\n');
}
