// The watch caches of a replay, by their watchers of etcd.

import type { WatchResponse } from '../../../watch/watcher.js';
import type { ClientWatcher } from '../client-watcher.js';
import { CommitTimes } from '../commit-times.js';
import type { CachePlan } from '../replay-options.js';
import type { CacheClientEntry, Moment } from '../trace.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { CacheSummary } from './cache-summary.js';
import { WatchCache } from './watch-cache.js';

export class ReplayCaches {
  private readonly byName = new Map<string, WatchCache>();
  private readonly commits = new CommitTimes();

  constructor(
    private readonly clock: VirtualClock,
    private readonly onEntry: (entry: Omit<CacheClientEntry, keyof Moment>) => void,
  ) {}

  /** Starts the cache of a watcher, whose list was just before its first revision. */
  add({ name, spec, nextRevision }: ClientWatcher, plan: CachePlan): void {
    const cache = new WatchCache(name, spec, plan, nextRevision - 1, {
      clock: this.clock,
      commitUs: (revision) => this.commits.timeOf(revision),
      note: (watcher, client, what, revision) => this.onEntry({ kind: 'cacheClient', watcher, client, what, revision }),
    });
    this.byName.set(name, cache);
  }

  /** Notes the time of a commit, which only caches need. */
  noteCommit(revision: number): void {
    if (this.byName.size > 0) this.commits.add(revision, this.clock.nowUs);
  }

  deliver({ name }: ClientWatcher, response: WatchResponse): void {
    this.byName.get(name)?.add(response);
  }

  relist({ name }: ClientWatcher, listRev: number): void {
    this.byName.get(name)?.relist(listRev);
  }

  /** The summaries, in the order in which the caches were started; undefined when there is none. */
  summariesAt(endUs: number): readonly CacheSummary[] | undefined {
    if (this.byName.size === 0) return undefined;
    return [...this.byName.values()].map((cache) => cache.summaryAt(endUs));
  }
}
