// Tells who wrote an object from one value to the next: the managers whose entries in managedFields have changed.

import { leavesOf } from './fields.js';
import { lastWriters, type Manager } from './object-meta.js';
import { childOf, itemsOf } from './tree.js';
import type { KubeObject } from './value.js';

export interface Writers {
  /**
   * What tells them: `change`, an entry that is new, or has another time or fields that it did not have. `latestTime`: no
   * entry has a later time, which is all that can be told where the value before is not known. `nothing`: no entry has
   * changed, as in a binding, which leaves none, or when one wrote twice in a second; then there are no managers.
   */
  readonly by: 'change' | 'latestTime' | 'nothing';
  readonly managers: readonly Manager[];
}

/** What was there before: an object, nothing, or something that is not known. */
export type ObjectBefore = KubeObject | 'nothing' | 'unknown';

/** Returns who wrote an object; undefined if it has no managedFields. */
export function writersOf(before: ObjectBefore, after: KubeObject): Writers | undefined {
  if (after.meta.managers.length === 0) return undefined;
  if (before === 'unknown') return { by: 'latestTime', managers: lastWriters(after.meta) };
  const managers = changedManagers(before, after);
  return { by: managers.length === 0 ? 'nothing' : 'change', managers };
}

function changedManagers(before: KubeObject | 'nothing', after: KubeObject): readonly Manager[] {
  const { managers } = after.meta;
  if (before === 'nothing') return managers;
  const times = new Map(before.meta.managers.map((manager) => [nameOf(manager), manager.time]));
  const later = managers.filter((manager) => times.get(nameOf(manager)) !== manager.time);
  if (later.length > 0) return later;
  // Times are whole seconds: who wrote twice in one can still be told if it gained a field.
  const had = fieldSets(before);
  const has = fieldSets(after);
  return managers.filter((manager) => {
    const fields = had.get(nameOf(manager));
    return [...(has.get(nameOf(manager)) ?? [])].some((field) => !fields?.has(field));
  });
}

/** Returns the paths of the fields that each manager owns. */
function fieldSets({ meta, tree }: KubeObject): ReadonlyMap<string, ReadonlySet<string>> {
  const entries = itemsOf(childOf(tree, 'metadata'), 'managedFields');
  return new Map(
    entries.map((entry, place) => {
      const fields = childOf(entry, 'fieldsV1');
      const paths = fields === undefined ? [] : Array.from(leavesOf({ path: '', tree: fields }), ({ path }) => path);
      return [nameOf(meta.managers[place]!), new Set(paths)];
    }),
  );
}

/** Returns a name that no other entry of the object has. */
const nameOf = ({ manager, operation, subresource, apiVersion }: Manager): string =>
  JSON.stringify([manager, operation, subresource, apiVersion]);
