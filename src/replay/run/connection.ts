// One client connection of a replay: its stream, its consumer, and the watchers on it.

import { Fifo } from '../../adt/fifo.js';
import type { WatchEngine } from '../../watch/watch-engine.js';
import type { WatchStream } from '../../watch/watch-stream.js';
import { ALL_WATCHERS, type WatchResponse } from '../../watch/watcher.js';
import type { ClientWatcher } from './client-watcher.js';
import { Consumer } from './consumer.js';
import type { StreamPlan } from './replay-options.js';
import type { VirtualClock } from './virtual-clock.js';
import type { WatchMetrics } from './watch-metrics.js';

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
    readonly plan: StreamPlan,
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
    for (const heard of client === undefined ? this.watchers : [client]) heard.remember(response);
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

  /** Asks the server for a watcher. */
  watch(client: ClientWatcher, startRev: number): void {
    const { name, key, end, filters } = client.spec;
    const { id } = this.stream.watch({ key, end, startRev, filters, name });
    client.attach(id);
    this.byId.set(id, client);
  }

  /** The client wants no more of a watcher. */
  leave(client: ClientWatcher): void {
    client.leave();
    this.cancel(client);
  }

  private cancel(client: ClientWatcher): void {
    if (client.id === undefined) return;
    const { id } = client;
    client.detach();
    this.stream.cancel(id);
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
    for (const { events } of this.stream.close()) this.metrics.add('pendingEvents', -events.length);
    this.metrics.add('watchStreams', -1);
    this.sentUs.clear();
    for (const client of this.watchers) client.detach();
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
