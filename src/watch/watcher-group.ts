// A watcher group is a set of watchers that can be asked which of them a key reaches, as watcherGroup in
// watcher_group.go. Single keys are in a map, and ranges in an interval tree with one node for each range.

import { IntervalTree } from '../adt/interval-tree.js';
import { intervalOf } from '../mvcc/key-range.js';
import { byWatchId, type Watcher } from './watcher.js';

export class WatcherGroup {
  private readonly members = new Set<Watcher>();
  private readonly byKey = new Map<string, Set<Watcher>>();
  private readonly ranges = new IntervalTree<Set<Watcher>>();
  private ordered: readonly Watcher[] | undefined;

  get size(): number {
    return this.members.size;
  }

  has(watcher: Watcher): boolean {
    return this.members.has(watcher);
  }

  /** Returns the members in watch-id order. The list stays as it is when the group changes. */
  watchers(): readonly Watcher[] {
    this.ordered ??= [...this.members].sort(byWatchId);
    return this.ordered;
  }

  add(watcher: Watcher): void {
    if (this.members.has(watcher)) return;
    this.members.add(watcher);
    this.ordered = undefined;
    if (watcher.end === undefined) {
      const same = this.byKey.get(watcher.key);
      if (same === undefined) this.byKey.set(watcher.key, new Set([watcher]));
      else same.add(watcher);
      return;
    }
    this.ranges.getOrInsert(intervalOf(watcher), () => new Set()).add(watcher);
  }

  delete(watcher: Watcher): boolean {
    if (!this.members.delete(watcher)) return false;
    this.ordered = undefined;
    if (watcher.end === undefined) {
      const same = this.byKey.get(watcher.key)!;
      same.delete(watcher);
      if (same.size === 0) this.byKey.delete(watcher.key);
      return true;
    }
    const interval = intervalOf(watcher);
    const same = this.ranges.find(interval)!.value;
    same.delete(watcher);
    if (same.size === 0) this.ranges.delete(interval);
    return true;
  }

  /** Calls `visit` for each watcher that the key reaches. */
  stab(key: string, visit: (watcher: Watcher) => void): void {
    const single = this.byKey.get(key);
    if (single !== undefined) for (const watcher of single) visit(watcher);
    this.ranges.stabPoint(key, ({ value }) => value.forEach(visit));
  }
}
