// What an object's metadata says of it: who it is, its labels, and who wrote it.

import { childOf, itemsOf, type Tree, textOf } from './tree.js';

/** One who wrote fields of an object, and when these fields last changed by it. */
export interface Manager {
  readonly manager: string;
  readonly operation: string;
  /** '' if it wrote the object itself. */
  readonly subresource: string;
  readonly apiVersion: string;
  /** RFC 3339, with whole seconds; '' if there is none. */
  readonly time: string;
}

export interface ObjectMeta {
  readonly name: string;
  /** '' for an object without a namespace. */
  readonly namespace: string;
  readonly uid: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly managers: readonly Manager[];
}

/** Returns what the metadata of an object says; what is not there is ''. */
export function objectMeta(metadata: Tree | undefined): ObjectMeta {
  const labels = childOf(metadata, 'labels');
  return {
    name: textOf(metadata, 'name'),
    namespace: textOf(metadata, 'namespace'),
    uid: textOf(metadata, 'uid'),
    labels: labels?.is === 'map' ? labels.entries.map(([name]) => [name, textOf(labels, name)]) : [],
    managers: itemsOf(metadata, 'managedFields').map((entry) => ({
      manager: textOf(entry, 'manager'),
      operation: textOf(entry, 'operation'),
      subresource: textOf(entry, 'subresource'),
      apiVersion: textOf(entry, 'apiVersion'),
      time: textOf(entry, 'time'),
    })),
  };
}

/** Returns the managers with the latest time. They can be several, because times are whole seconds. */
export function lastWriters({ managers }: ObjectMeta): readonly Manager[] {
  const latest =
    managers
      .map(({ time }) => time)
      .sort()
      .at(-1) ?? '';
  return latest === '' ? [] : managers.filter(({ time }) => time === latest);
}
