// The watch cache of an apiserver: one watch of etcd for a resource, and behind it a window of events for the clients of
// the apiserver (pkg/storage/cacher of Kubernetes). The watch of etcd is that of a connection; how fast its events are
// decoded is the pace of the connection's consumer.

import type { KeyRange } from '../../../mvcc/key-range.js';
import type { WatchResponse } from '../../../watch/watcher.js';
import type { CachePlan } from '../replay-options.js';
import type { VirtualClock } from '../virtual-clock.js';
import { CacheClient, type CacheForClients } from './cache-client.js';
import { CacheHistory } from './cache-history.js';
import type { CacheClientChange, CacheSummary } from './cache-summary.js';
import { DispatchBudget } from './dispatch-budget.js';

export interface CacheHost {
  readonly clock: VirtualClock;
  commitUs(revision: number): number;
  note(watcher: string, client: string, what: CacheClientChange, revision: number): void;
}

export class WatchCache implements CacheForClients {
  readonly history: CacheHistory;
  readonly budget = new DispatchBudget();
  readonly clock: VirtualClock;
  readonly bookmarkEveryUs: number;
  revision: number;
  isReady = true;
  private relists = 0;
  private readonly clients: readonly CacheClient[];

  /** The cache has listed at `listRev`, and watches from behind that. */
  constructor(
    private readonly watcher: string,
    range: KeyRange,
    plan: CachePlan,
    listRev: number,
    private readonly host: CacheHost,
  ) {
    this.clock = host.clock;
    this.bookmarkEveryUs = plan.bookmarkEveryUs;
    this.revision = listRev;
    this.history = new CacheHistory(plan, listRev);
    this.clients = plan.clients.map((client) => new CacheClient(client, range, this));
    for (const client of this.clients) client.start();
  }

  note(client: CacheClient, what: CacheClientChange, revision: number): void {
    this.host.note(this.watcher, client.name, what, revision);
  }

  /** Takes a response of etcd. */
  add({ via, revision, events }: WatchResponse): void {
    if (via === 'cancel') {
      this.isReady = false;
      for (const client of this.clients) client.terminate();
      return;
    }
    if (via === 'progress') this.revision = Math.max(this.revision, revision);
    for (const { kv } of events) {
      const { key, modRevision } = kv;
      const event = {
        revision: modRevision,
        key,
        timeUs: this.clock.nowUs,
        commitUs: this.host.commitUs(modRevision),
      };
      this.revision = event.revision;
      this.history.add(event);
      for (const client of this.clients) client.dispatch(event);
    }
  }

  /** Begins anew behind a list. */
  relist(listRev: number): void {
    this.relists++;
    this.revision = listRev;
    this.history.reset(listRev);
    this.isReady = true;
    for (const client of this.clients) client.open();
  }

  summaryAt(endUs: number): CacheSummary {
    const { oldestRev, length: held, capacity, peakCapacity } = this.history;
    return {
      watcher: this.watcher,
      revision: this.revision,
      oldestRev,
      held,
      capacity,
      peakCapacity,
      timesRelisted: this.relists,
      clients: this.clients.map((client) => client.summaryAt(endUs)),
    };
  }
}
