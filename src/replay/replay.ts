// The replay: a pure function from a history and watchers to what each watcher would receive, and when. It drives the
// watch engine with etcd's two loops as tasks on a virtual clock:
//
//   sync loop     a pass; then the next one resyncPeriodUs later, or at once if this one left fewer unsynced watchers
//   victim loop   woken by the first victim; tries as long as something moves, then each victimRetryUs
//
// Consumers take each response the instant it is sent, and cancel a watcher that compaction has ended, as etcd's
// client does. On an ideal machine, as here, passes take no time.

import { MvccwError } from '../errors.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { RangeRequest, RangeResult } from '../mvcc/range.js';
import type { StoredRecord, WatchEvent } from '../mvcc/record.js';
import { WatchEngine, type WatchParameters } from '../watch/watch-engine.js';
import type { WatchSpec } from '../watch/watch-spec.js';
import type { WatchStream } from '../watch/watch-stream.js';
import type { Via, Watcher, WatchResponse } from '../watch/watcher.js';
import { VirtualClock } from './virtual-clock.js';

/** What a replay reads. */
export interface ReplayHistory {
  readonly currentRev: number;
  readonly compactRev: number;
  records(fromMain: number, toMain: number): Iterable<StoredRecord>;
  range(request: RangeRequest): RangeResult;
}

export interface ReplayParameters extends WatchParameters {
  readonly resyncPeriodUs: number;
  readonly victimRetryUs: number;
}

export const DEFAULT_REPLAY_TIMES = { resyncPeriodUs: 100_000, victimRetryUs: 10_000 };

export interface ReplayOptions {
  readonly watchers: readonly WatchSpec[];
  /** Where watchers without a start revision begin. */
  readonly fromRev: number;
  /** The store stands here: nothing newer is seen. */
  readonly toRev: number;
  readonly parameters: ReplayParameters;
}

export interface DeliveredEvent extends WatchEvent {
  /** The record before, where it was asked for, is there, and has not been compacted. */
  readonly prevKv?: KeyValue | undefined;
}

/** One response, as a consumer takes it. */
export interface Delivery {
  readonly timeUs: number;
  readonly watcher: string;
  readonly stream: string;
  readonly via: Via;
  /** The store's revision in the response's header; 0 in a cancel. */
  readonly revision: number;
  /** Above 0 in a cancel: where the window begins. */
  readonly compactRevision: number;
  readonly events: readonly DeliveredEvent[];
}

interface ReplayWatcher {
  readonly spec: WatchSpec;
  readonly streamName: string;
  readonly watcher: Watcher;
}

class Replay {
  private readonly clock = new VirtualClock();
  private readonly engine: WatchEngine;
  private readonly watchers = new Map<WatchStream, Map<number, ReplayWatcher>>();
  private deliveries: Delivery[] = [];

  constructor(
    private readonly history: ReplayHistory,
    private readonly options: ReplayOptions,
  ) {
    const view = {
      currentRev: options.toRev,
      compactRev: history.compactRev,
      records: (fromMain: number, toMain: number) => history.records(fromMain, toMain),
    };
    this.engine = new WatchEngine(view, options.parameters);
    this.openWatchers();
  }

  private openWatchers(): void {
    const streams = new Map<string, WatchStream>();
    for (const spec of this.options.watchers) {
      const streamName = spec.stream ?? spec.name;
      let stream = streams.get(streamName);
      if (stream === undefined) {
        const opened: WatchStream = this.engine.openStream((response) => this.consume(opened, response));
        stream = opened;
        streams.set(streamName, stream);
        this.watchers.set(stream, new Map());
      }
      const startRev = spec.startRev ?? this.options.fromRev;
      const watcher = stream.watch({ key: spec.key, end: spec.end, startRev, filters: spec.filters });
      this.watchers.get(stream)!.set(watcher.id, { spec, streamName, watcher });
    }
  }

  *run(): Iterable<Delivery> {
    this.clock.after(0, () => this.syncPass());
    while (this.clock.step()) {
      yield* this.deliveries;
      this.deliveries = [];
    }
  }

  private syncPass(): void {
    const unsyncedBefore = this.engine.unsyncedCount;
    const unsynced = this.engine.syncWatchers();
    if (this.engine.hasVictims) this.clock.after(0, () => this.victimPass());
    if (unsynced === 0) return;
    this.clock.after(unsynced < unsyncedBefore ? 0 : this.options.parameters.resyncPeriodUs, () => this.syncPass());
  }

  private victimPass(): void {
    const moved = this.engine.moveVictims();
    if (!this.engine.hasVictims) return;
    this.clock.after(moved > 0 ? 0 : this.options.parameters.victimRetryUs, () => this.victimPass());
  }

  private consume(stream: WatchStream, response: WatchResponse): void {
    const { spec, streamName } = this.watchers.get(stream)!.get(response.watchId)!;
    const { via, revision, compactRevision, events } = response;
    this.deliveries.push({
      timeUs: this.clock.nowUs,
      watcher: spec.name,
      stream: streamName,
      via,
      revision,
      compactRevision,
      events: spec.prevKv ? events.map((event) => this.withPrevKv(event)) : events,
    });
    if (via === 'cancel') this.clock.after(0, () => stream.cancel(response.watchId));
  }

  /** As etcd's server adds it: nothing for the put that creates a key, nor where compaction has taken it. */
  private withPrevKv(event: WatchEvent): DeliveredEvent {
    const { key, modRevision, createRevision } = event.kv;
    if (event.type === 'PUT' && createRevision === modRevision) return event;
    try {
      const prevKv = this.history.range({ key, rev: modRevision - 1 }).kvs[0];
      return prevKv === undefined ? event : { ...event, prevKv };
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'COMPACTED') return event;
      throw error;
    }
  }
}

/** Yields what each watcher receives, in order of time. */
export function replay(history: ReplayHistory, options: ReplayOptions): Iterable<Delivery> {
  return new Replay(history, options).run();
}
