// Tells which managers own each field of an object, by its managedFields: FieldsV1 has a name for each step of a path,
// `f:NAME` of an entry of a map, and `k:{"name":"web"}`, `v:"x"` or `i:0` of an item of a list. A path that ends there owns all
// that is below.

import { childrenOf, MANAGED_FIELDS, type Part } from './fields.js';
import type { Manager } from './object-meta.js';
import { childOf, itemsOf, type Tree, type TreeMap, textOf } from './tree.js';
import type { KubeObject } from './value.js';

export interface OwnedField {
  readonly part: Part;
  readonly owners: readonly Manager[];
}

interface Claim {
  readonly manager: Manager;
  /** What is claimed at this place and below: a set of names, or all. */
  readonly fields: TreeMap | 'all';
}

/**
 * Yields the fields of what may be told of an object, without those that nobody has set and without managedFields itself.
 */
export function* ownedFields({ meta, tree: whole }: KubeObject, told: Tree): Iterable<OwnedField> {
  const entries = itemsOf(childOf(whole, 'metadata'), 'managedFields');
  const claims = meta.managers.flatMap((manager, place) => claimOf(manager, childOf(entries[place], 'fieldsV1')));
  yield* fieldsBelow({ path: '', tree: told }, claims);
}

function* fieldsBelow(part: Part, claims: readonly Claim[]): Iterable<OwnedField> {
  const { path, tree } = part;
  if (path === MANAGED_FIELDS || tree.isDefault) return;
  const children = childrenOf(part);
  if (children.length === 0) yield { part, owners: claims.filter(isOfLeaf).map(({ manager }) => manager) };
  for (const [place, child] of children.entries()) {
    yield* fieldsBelow(
      child,
      claims.flatMap(({ manager, fields }) =>
        claimOf(manager, fields === 'all' ? fields : claimed(fields, tree, place)),
      ),
    );
  }
}

/** An item that is claimed itself has a dot among its names. */
const isOfLeaf = ({ fields }: Claim): boolean => fields === 'all' || childOf(fields, '.') !== undefined;

function claimOf(manager: Manager, fields: Tree | 'all' | undefined): Claim[] {
  if (fields === 'all') return [{ manager, fields }];
  if (fields?.is !== 'map') return [];
  return [{ manager, fields: fields.entries.length === 0 ? 'all' : fields }];
}

/** Returns what a set of names claims of a part of a map or a list. */
function claimed(fields: TreeMap, tree: Tree, place: number): Tree | undefined {
  if (tree.is === 'map') return childOf(fields, `f:${tree.entries[place]![0]}`);
  if (tree.is !== 'list') return undefined;
  const item = tree.items[place]!;
  return fields.entries.find(([name]) => namesItem(name, item, place))?.[1];
}

function namesItem(name: string, item: Tree, place: number): boolean {
  const said = name.slice(2);
  if (name.startsWith('i:')) return said === String(place);
  if (!name.startsWith('k:') && !name.startsWith('v:')) return false;
  const value = parsed(said);
  if (name.startsWith('v:')) return (item.is === 'text' || item.is === 'literal') && item.text === String(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([key, of]) => textOf(item, key) === String(of));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
