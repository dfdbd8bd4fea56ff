// A connection of a replay is that of one client. It has the server's end, a consumer, and the watchers that share it.

import { Fifo } from '../../adt/fifo.js';
import { messageBytes } from '../../watch/response-size.js';
import {
  type ProgressOutcome,
  type SentResponse,
  type ServerMessage,
  ServerStream,
} from '../../watch/server-stream.js';
import type { WatchBehaviours } from '../../watch/watch-behaviour.js';
import type { WatchEngine } from '../../watch/watch-engine.js';
import { ALL_WATCHERS, type Via } from '../../watch/watcher.js';
import type { ClientWatcher } from './client-watcher.js';
import { Consumer } from './consumer.js';
import type { PendingMemory } from './pending-memory.js';
import { MESSAGE_OVERHEAD_BYTES, type ReplayParameters, type StreamPlan } from './replay-options.js';
import type { ReplayStore } from './replay-store.js';
import type { VirtualClock } from './virtual-clock.js';
import type { WatchMetrics } from './watch-metrics.js';

export type Answered = Extract<ServerMessage, { kind: 'answer' }>;

/** A response as a client gets it: put together again if it came in several messages. */
export interface HandedResponse {
  readonly response: SentResponse;
  readonly sentUs: number;
  readonly messages: number;
  /** The bytes of the largest message. */
  readonly bytes: number;
}

/** The part of the replay that a connection needs. */
export interface ConnectionHost {
  readonly clock: VirtualClock;
  readonly store: ReplayStore;
  readonly metrics: WatchMetrics;
  readonly memory: PendingMemory;
  readonly behaviours: WatchBehaviours;
  readonly parameters: ReplayParameters;
  /** Runs a task as soon as the store is free. */
  whenFree(task: () => void): void;
  /** Runs a task at a time, when the store is free. Such a task does not keep the replay from ending. */
  inBackground(timeUs: number, task: () => void): void;
  /** The engine put a response into the stream. */
  onQueued(via: Via): void;
  onAnswer(connection: Connection, client: ClientWatcher, answer: Answered): void;
  /** The consumer took a message that is not the last of its response. */
  onFragment(connection: Connection, client: ClientWatcher, part: SentResponse): void;
  /** The consumer took a response, which is for all watchers of the stream when `client` is undefined. */
  onDelivery(connection: Connection, client: ClientWatcher | undefined, handed: HandedResponse): void;
  /** The client knows that compaction has ended its watcher. */
  onCompacted(connection: Connection, client: ClientWatcher): void;
}

export class Connection {
  readonly watchers: ClientWatcher[] = [];
  private server: ServerStream;
  private consumer: Consumer;
  /** The number of times that the connection was opened. */
  opened = 0;
  private peak = 0;
  private readonly byId = new Map<number, ClientWatcher>();
  /** The watchers whose created answer has not come yet, in the order of the requests. */
  private readonly asked = new Fifo<ClientWatcher>();
  /** The messages that have come of a response whose last message has not. */
  private parts: SentResponse[] = [];
  /** The bytes of the largest of them. */
  private partBytes = 0;
  private up = true;
  private openedUs = 0;
  private ticks = false;

  constructor(
    readonly name: string,
    readonly plan: StreamPlan,
    engine: WatchEngine,
    private readonly host: ConnectionHost,
  ) {
    this.consumer = this.newConsumer();
    this.server = this.open(engine);
  }

  private open(engine: WatchEngine): ServerStream {
    const { clock, store, metrics, memory, behaviours, parameters } = this.host;
    metrics.add('watchStreams', 1);
    this.opened++;
    this.openedUs = clock.nowUs;
    this.ticks = false;
    const server: ServerStream = new ServerStream(engine, {
      behaviours,
      store,
      maxMessageBytes: parameters.maxRequestBytes + MESSAGE_OVERHEAD_BYTES,
      now: () => clock.nowUs,
      whenAtRest: (task) => {
        this.host.whenFree(() => {
          if (this.up && this.server === server) task();
        });
      },
      onQueued: ({ events, via }) => {
        metrics.add('pendingEvents', events.length);
        this.peak = Math.max(this.peak, server.queued);
        this.host.onQueued(via);
      },
      onWaiting: ({ events, via }) => memory.hold(this.name, events, via === 'victim'),
      onTaken: ({ events }, waited) => {
        if (waited) memory.release(this.name, events);
        metrics.add('pendingEvents', -events.length);
        metrics.add('events', events.length);
      },
      onReady: () => this.consumer.wake(server),
    });
    return server;
  }

  /** Returns a consumer. A client that was stalled stays so on its next connection. */
  private newConsumer(before?: Consumer): Consumer {
    return new Consumer(this.plan.consumer, this.host.clock, (message) => this.take(message), before?.stalledUntil);
  }

  private take(message: ServerMessage): void {
    if (message.kind === 'answer') {
      this.takeAnswer(message);
      return;
    }
    const { response, sentAt: sentUs, more } = message;
    const client = response.watchId === ALL_WATCHERS ? undefined : this.byId.get(response.watchId)!;
    if (client !== undefined && client.id !== response.watchId) {
      // The client has cancelled the watcher, or watches anew, and wants no more of it.
      this.parts = [];
      this.partBytes = 0;
      return;
    }
    const bytes = messageBytes(response, more);
    this.partBytes = Math.max(this.partBytes, bytes);
    if (more) {
      this.parts.push(response);
      this.host.onFragment(this, client!, response);
      return;
    }
    const messages = this.parts.length + 1;
    const whole = messages === 1 ? response : this.putTogether(response);
    if (client !== undefined) client.remember(whole);
    else for (const heard of this.watchers) heard.remember(whole);
    this.host.onDelivery(this, client, { response: whole, sentUs, messages, bytes: this.partBytes });
    this.partBytes = 0;
    if (response.via === 'cancel') {
      // etcd's client asks for the end of a watcher that compaction has ended.
      this.host.clock.after(0, () => {
        this.cancel(client!);
        this.host.onCompacted(this, client!);
      });
    }
  }

  private putTogether(last: SentResponse): SentResponse {
    const parts = [...this.parts.splice(0), last];
    return { ...last, events: parts.flatMap(({ events }) => events) };
  }

  /** Takes an answer. Created answers have no name, but come in the order of the requests. */
  private takeAnswer(answer: Answered): void {
    const client = answer.what === 'cancelled' ? this.byId.get(answer.watchId)! : this.asked.shift()!;
    if (answer.what === 'refused') client.end();
    if (answer.what === 'created') client.noteCreated(answer.revision);
    this.host.onAnswer(this, client, answer);
  }

  get queued(): number {
    return this.server.queued;
  }

  /** The most responses that ever waited in the stream. */
  get peakQueued(): number {
    return this.peak;
  }

  /** Whether the connection is there. It is not from when it breaks until the client is back. */
  get isUp(): boolean {
    return this.up;
  }

  /** Asks the server for a watcher. */
  watch(client: ClientWatcher, startRev: number): void {
    const { name, key, end, filters, prevKv, fragment, progressNotify } = client.spec;
    const { server } = this;
    const id = server.create({ name, key, end, startRev, filters, prevKv, fragment, progressNotify });
    this.asked.push(client);
    if (id !== undefined) {
      client.attach(id);
      this.byId.set(id, client);
    }
    if (progressNotify) this.startTicker();
    // The server starts a watcher before it says so. What it sends at this very moment waits for the answer.
    this.host.clock.after(0, () => {
      if (this.up && this.server === server) server.answer();
    });
  }

  /**
   * Starts to notify of progress, at the times of a ticker that runs since the connection was opened, as etcd's does.
   */
  private startTicker(): void {
    if (this.ticks) return;
    this.ticks = true;
    const { progressNotifyIntervalUs } = this.host.parameters;
    const passedUs = this.host.clock.nowUs - this.openedUs;
    this.tickAt(this.openedUs + (Math.floor(passedUs / progressNotifyIntervalUs) + 1) * progressNotifyIntervalUs);
  }

  private tickAt(timeUs: number): void {
    const { opened } = this;
    this.host.inBackground(timeUs, () => {
      if (!this.up || this.opened !== opened) return;
      this.server.notifyProgress();
      this.tickAt(timeUs + this.host.parameters.progressNotifyIntervalUs);
    });
  }

  /** Cancels a watcher for its client. */
  leave(client: ClientWatcher): void {
    client.end();
    this.cancel(client);
  }

  private cancel(client: ClientWatcher): void {
    if (client.id === undefined) return;
    const { id } = client;
    client.detach();
    this.server.cancel(id);
  }

  /** Asks where the stream stands. The outcome is undefined when the connection is down. */
  requestProgress(): ProgressOutcome | undefined {
    return this.up ? this.server.requestProgress() : undefined;
  }

  stall(forUs: number): void {
    this.consumer.stall(forUs);
  }

  /** Breaks the connection. What is queued is gone, and the server forgets the watchers. */
  disconnect(): void {
    const { metrics, memory } = this.host;
    this.up = false;
    this.consumer.stop();
    for (const { events } of this.server.close()) {
      metrics.add('pendingEvents', -events.length);
      memory.release(this.name, events);
    }
    metrics.add('watchStreams', -1);
    for (const client of this.watchers) client.detach();
    this.byId.clear();
    this.asked.clear();
    this.parts = [];
    this.partBytes = 0;
  }

  /** Opens the connection again, perhaps to a store that was restarted. */
  reconnect(engine: WatchEngine): void {
    this.up = true;
    this.consumer = this.newConsumer(this.consumer);
    this.server = this.open(engine);
  }
}
