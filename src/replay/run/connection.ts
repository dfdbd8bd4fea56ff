// One client connection of a replay: its stream, its consumer, and the watchers on it, with what a client remembers to
// resume from.

import { Fifo } from '../../adt/fifo.js';
import type { WatchSpec } from '../../requests/watch-spec.js';
import type { WatchEngine } from '../../watch/watch-engine.js';
import type { WatchStream } from '../../watch/watch-stream.js';
import { ALL_WATCHERS, type Watcher, type WatchResponse } from '../../watch/watcher.js';
import { AT_ONCE, Consumer } from './consumer.js';
import { CAREFUL_CLIENT, type StreamPlan } from './replay-options.js';
import type { VirtualClock } from './virtual-clock.js';
import type { WatchMetrics } from './watch-metrics.js';

/** A watcher as its client sees it, across connections. */
export interface ClientWatcher {
  readonly spec: WatchSpec;
  readonly startRev: number;
  /** Whether the server has ever been asked for it. */
  started: boolean;
  watcher: Watcher | undefined;
  /** Where it resumes by the rule lastEvent. */
  nextRev: number;
  lastHeaderRev: number;
  lastProgressRev: number;
  /** Where the first half of the last response with events ends. */
  handledRev: number;
  /** Compaction or its client has ended it. */
  ended: boolean;
  /** Its client has cancelled it. */
  left: boolean;
}

export interface ConnectionObserver {
  /** A response was put into the stream. */
  onQueued(): void;
  /** The consumer has taken one; without a client it is for all on the stream. */
  onDelivery(client: ClientWatcher | undefined, response: WatchResponse, sentUs: number): void;
}

export class Connection {
  readonly watchers: ClientWatcher[] = [];
  private stream: WatchStream;
  private consumer: Consumer;
  private readonly sentUs = new Fifo<number>();
  private peak = 0;
  private readonly byId = new Map<number, ClientWatcher>();
  private up = true;

  constructor(
    readonly name: string,
    readonly plan: StreamPlan = { consumer: AT_ONCE, client: CAREFUL_CLIENT },
    private engine: WatchEngine,
    private readonly clock: VirtualClock,
    private readonly metrics: WatchMetrics,
    private readonly observer: ConnectionObserver,
  ) {
    this.stream = this.openStream();
    this.consumer = this.newConsumer();
  }

  private openStream(): WatchStream {
    this.metrics.add('watchStreams', 1);
    return this.engine.openStream((stream, { events }) => {
      this.metrics.add('pendingEvents', events.length);
      this.sentUs.push(this.clock.nowUs);
      this.peak = Math.max(this.peak, stream.queued);
      this.observer.onQueued();
      this.consumer.wake(stream);
    });
  }

  /** A client that is stalled is so on its next connection too. */
  private newConsumer(before?: Consumer): Consumer {
    return new Consumer(this.plan.consumer, this.clock, (response) => this.take(response), before?.stalledUntil);
  }

  private take(response: WatchResponse): void {
    const sentUs = this.sentUs.shift()!;
    this.metrics.add('pendingEvents', -response.events.length);
    this.metrics.add('events', response.events.length);
    const client = response.watchId === ALL_WATCHERS ? undefined : this.byId.get(response.watchId)!;
    // etcd's server drops what is queued for a watcher that its client has cancelled.
    if (client?.left) return;
    for (const heard of client === undefined ? this.watchers : [client]) remember(heard, response);
    this.observer.onDelivery(client, response, sentUs);
    if (response.via === 'cancel') {
      // As etcd's client does.
      this.clock.after(0, () => this.cancel(client!));
    }
  }

  get queued(): number {
    return this.stream.queued;
  }

  /** The most responses that ever waited. */
  get peakQueued(): number {
    return this.peak;
  }

  /** Whether there is a connection: none from when it breaks until the client is back. */
  get isUp(): boolean {
    return this.up;
  }

  watch(client: ClientWatcher, startRev: number): Watcher {
    const { key, end, filters } = client.spec;
    const watcher = this.stream.watch({ key, end, startRev, filters });
    client.watcher = watcher;
    client.started = true;
    this.byId.set(watcher.id, client);
    return watcher;
  }

  /** The client wants no more of a watcher. */
  leave(client: ClientWatcher): void {
    client.left = true;
    this.cancel(client);
  }

  private cancel(client: ClientWatcher): void {
    client.ended = true;
    if (client.watcher === undefined || !this.byId.has(client.watcher.id)) return;
    this.stream.cancel(client.watcher.id);
    client.watcher = undefined;
  }

  requestProgress(): boolean {
    return this.stream.requestProgressAll();
  }

  stall(forUs: number): void {
    this.consumer.stall(forUs);
  }

  /** The connection breaks: what is queued is gone, and the server forgets the watchers. */
  disconnect(): void {
    this.up = false;
    this.consumer.stop();
    for (const { events } of this.stream.take()) this.metrics.add('pendingEvents', -events.length);
    this.metrics.add('watchStreams', -1);
    this.sentUs.clear();
    for (const client of this.watchers) {
      if (client.watcher !== undefined) this.stream.cancel(client.watcher.id);
      client.watcher = undefined;
    }
    this.byId.clear();
  }

  /** A new connection, perhaps to a store that was restarted. */
  reconnect(engine: WatchEngine): void {
    this.up = true;
    this.engine = engine;
    this.consumer = this.newConsumer(this.consumer);
    this.stream = this.openStream();
  }
}

function remember(client: ClientWatcher, { via, revision, events }: WatchResponse): void {
  if (via === 'cancel') {
    client.ended = true;
    return;
  }
  client.lastHeaderRev = revision;
  if (via === 'progress') {
    client.lastProgressRev = revision;
    // It has come to the end of what it was given before.
    if (client.handledRev > 0) client.handledRev = client.nextRev - 1;
  } else {
    client.handledRev = events[handledCount(events) - 1]!.kv.modRevision;
    client.nextRev = events[events.length - 1]!.kv.modRevision + 1;
  }
}

/** What a client that stops within a transaction has dealt with of its last response: the first half. */
export function handledEvents<T>(events: readonly T[]): readonly T[] {
  return events.slice(0, handledCount(events));
}

function handledCount(events: readonly unknown[]): number {
  return Math.floor((events.length + 1) / 2);
}

/** The start revision that a client's rule gives it. */
export function resumeRevision(client: ClientWatcher, { client: { resumeFrom } }: StreamPlan): number {
  switch (resumeFrom) {
    case 'lastEvent':
      return client.nextRev;
    case 'header':
      return client.lastHeaderRev > 0 ? client.lastHeaderRev + 1 : client.nextRev;
    case 'progress':
      return client.lastProgressRev > 0 ? client.lastProgressRev + 1 : client.nextRev;
    case 'midTransaction':
      return client.handledRev > 0 ? client.handledRev + 1 : client.nextRev;
  }
}
