// Builds the interval tree of watch ranges that a server would hold for the given watchers. A node of the tree is one
// range, which all watchers of that range share.
//
// Differs from etcd: a watcher of a single key is a point of the tree, [key, key+\0); etcd keeps those in a map beside.

import type { Interval } from '../adt/interval.js';
import type { NodeView } from '../adt/interval-node.js';
import { IntervalTree } from '../adt/interval-tree.js';
import { intervalOf } from '../mvcc/key-range.js';
import { checkDistinctNames, type WatchSpec } from '../requests/watch-spec.js';

/** A node of the tree. Its value is the names of its watchers, in the order in which they were given. */
export type WatchTreeNode = NodeView<readonly string[]>;

export interface WatchTree {
  readonly watchers: number;
  /** The number of intervals. */
  readonly len: number;
  /** The number of levels, and the most that a red-black tree of `len` can have. */
  readonly height: number;
  readonly maxHeight: number;
  readonly root: WatchTreeNode | undefined;
}

export interface ReachedWatcher extends Interval {
  readonly name: string;
}

function build(specs: readonly WatchSpec[]): IntervalTree<string[]> {
  checkDistinctNames(specs);
  const tree = new IntervalTree<string[]>();
  for (const spec of specs) tree.getOrInsert(intervalOf(spec), () => []).push(spec.name);
  return tree;
}

/** Returns the tree and its measures. Throws USAGE if two watchers have the same name. */
export function watchTree(specs: readonly WatchSpec[]): WatchTree {
  const tree = build(specs);
  return {
    watchers: specs.length,
    len: tree.len(),
    height: tree.height(),
    maxHeight: tree.maxHeight(),
    root: tree.root(),
  };
}

/** Returns the watchers whose range holds a key, in order of their ranges. Throws USAGE as watchTree does. */
export function watchersReachedBy(specs: readonly WatchSpec[], key: string): ReachedWatcher[] {
  const reached: ReachedWatcher[] = [];
  build(specs).stabPoint(key, ({ begin, end, value }) => {
    for (const name of value) reached.push({ name, begin, end });
  });
  return reached;
}
