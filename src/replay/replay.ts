// The replay: a pure function from a history, watchers and what happens to them, to what each watcher receives, when,
// and why. It drives the watch engine with etcd's two loops as tasks on a virtual clock:
//
//   sync loop     a pass; then the next one resyncPeriodUs later, or, if this one left fewer unsynced watchers, after
//                 only as long as it took
//   victim loop   woken by each new victim; tries as long as something moves, then each victimRetryUs
//
// While a pass runs it holds the store: commits, victims and actions wait for its end.

import { MvccwError } from '../errors.js';
import { withPrevKv } from '../watch/prev-kv.js';
import { WatchEngine } from '../watch/watch-engine.js';
import type { GroupChange, SyncPass } from '../watch/watch-observer.js';
import { ALL_ON_STREAM, streamOf, type WatchSpec } from '../watch/watch-spec.js';
import type { Watcher, WatchResponse } from '../watch/watcher.js';
import { type ClientWatcher, Connection, resumeRevision } from './connection.js';
import { PassCounter } from './pass-counter.js';
import { SeededRandom } from './random.js';
import { type Action, allWatchers, type ReplayOptions } from './replay-options.js';
import type { ReplayStore } from './replay-store.js';
import type { ClientEntry, TraceEntry } from './trace.js';
import { VirtualClock } from './virtual-clock.js';
import { WatchMetrics } from './watch-metrics.js';

/** Runs of the loops in which nothing changes, after which a replay with nothing else to come is at its end. */
const QUIET_RUNS = 8;

class Replay {
  private readonly clock = new VirtualClock();
  private readonly random: SeededRandom;
  private readonly counter: PassCounter;
  private readonly metrics = new WatchMetrics();
  private readonly connections = new Map<string, Connection>();
  private readonly names = new Map<Watcher, string>();
  private engine: WatchEngine;
  private entries: TraceEntry[] = [];
  private busyUntilUs = 0;
  private passRuns = false;
  private passes = 0;
  private inPass = false;
  private syncQueued = false;
  private victimRun = 0;
  private victimQueued = false;
  private victimsAdded = false;
  private quietRuns = 0;
  private arrivalsUs = 0;
  /** The watcher that is just being started, before it has an object. */
  private starting = '';

  constructor(
    private readonly store: ReplayStore,
    private readonly options: ReplayOptions,
  ) {
    this.random = new SeededRandom(options.seed);
    this.counter = new PassCounter(store, allWatchers(options), options.cost);
    this.engine = this.openEngine();
  }

  private openEngine(): WatchEngine {
    return new WatchEngine(this.store, this.options.parameters, this.options.release.behaviours, {
      onGroupChange: (watcher, change) => this.noteGroup(watcher, change),
    });
  }

  *run(): Iterable<TraceEntry> {
    for (const spec of this.options.watchers) this.startWatcher(spec);
    for (const action of this.options.actions) this.at(action.atUs, () => this.act(action));
    for (const [name, { client }] of this.options.streams) {
      for (const timeUs of client.disconnectAtUs) this.at(timeUs, () => this.disconnect(name));
    }
    this.queueCommit();
    this.queueSync(0);
    const { untilUs } = this.options;
    const isOver = () => untilUs !== undefined && this.clock.nextUs !== undefined && this.clock.nextUs > untilUs;
    while (!isOver() && this.clock.step()) yield* this.takeEntries();
    yield* this.takeEntries();
    const timeUs = isOver() ? untilUs! : this.clock.nowUs;
    const { currentRev, compactRev } = this.store;
    const streams = [...this.connections.values()].map(({ name, queued, peakQueued }) => ({
      stream: name,
      queued,
      peakQueued,
    }));
    const metrics = { atEnd: this.metrics.values, peak: this.metrics.peaks };
    yield { kind: 'end', timeUs, currentRev, compactRev, streams, metrics };
  }

  private takeEntries(): TraceEntry[] {
    const { entries } = this;
    this.entries = [];
    return entries;
  }

  /** Runs a task on the store at a time, or as soon after as the store is free. */
  private at(timeUs: number, task: () => void): void {
    this.clock.after(Math.max(timeUs - this.clock.nowUs, 0), () => {
      // Also at the very end of a pass, if this was queued before it.
      if (this.passRuns) {
        this.at(this.busyUntilUs, task);
        return;
      }
      task();
      this.wakeVictims();
      if (!this.syncQueued) this.queueSync(0);
    });
  }

  // What the scenario does.

  private startWatcher(spec: WatchSpec): void {
    const startRev = spec.startRev ?? this.options.fromRev;
    const client: ClientWatcher = {
      spec,
      startRev,
      started: false,
      watcher: undefined,
      nextRev: startRev > 0 ? startRev : this.store.currentRev + 1,
      lastHeaderRev: 0,
      lastProgressRev: 0,
      handledRev: 0,
      ended: false,
      left: false,
    };
    const connection = this.connection(streamOf(spec));
    connection.watchers.push(client);
    // Without a connection, it is asked for when the client is back.
    if (connection.isUp) this.attach(connection, client, startRev);
  }

  private attach(connection: Connection, client: ClientWatcher, startRev: number): void {
    this.starting = client.spec.name;
    this.names.set(connection.watch(client, startRev), client.spec.name);
  }

  private connection(name: string): Connection {
    let connection = this.connections.get(name);
    if (connection === undefined) {
      const opened: Connection = new Connection(
        name,
        this.options.streams.get(name),
        this.engine,
        this.clock,
        this.metrics,
        {
          onQueued: () => {
            this.quietRuns = 0;
          },
          onDelivery: (client, response, sentUs) => this.noteDelivery(opened, client, response, sentUs),
        },
      );
      connection = opened;
      this.connections.set(name, connection);
    }
    return connection;
  }

  private act(action: Action): void {
    let error: string | undefined;
    try {
      this.perform(action);
    } catch (refused) {
      if (!(refused instanceof MvccwError)) throw refused;
      error = refused.message;
    }
    this.entries.push({ kind: 'action', timeUs: this.clock.nowUs, action: describeAction(action), error });
  }

  private perform(action: Action): void {
    switch (action.action) {
      case 'watch':
        this.startWatcher(action.watcher);
        break;
      case 'cancel': {
        const [connection, client] = this.findWatcher(action.watcher);
        if (!connection.isUp && !client.ended) this.noteClient(client, 'cancelled');
        connection.leave(client);
        break;
      }
      case 'compact': {
        const { revision } = action;
        this.store.compact(typeof revision === 'number' ? revision : this.store.currentRev - revision.behind);
        break;
      }
      case 'restore':
        this.store.restore();
        this.engine.restore();
        break;
      case 'restart':
        this.restart(action.cutShort);
        break;
      case 'progress':
        this.connection(action.stream).requestProgress();
        break;
      case 'stall':
        this.connection(action.stream).stall(action.forUs);
        break;
    }
  }

  private findWatcher(name: string): [Connection, ClientWatcher] {
    for (const connection of this.connections.values()) {
      const client = connection.watchers.find(({ spec }) => spec.name === name);
      if (client !== undefined) return [connection, client];
    }
    throw new MvccwError('WATCHER_NOT_FOUND', `no watcher named ${JSON.stringify(name)} has been started`);
  }

  private restart(cutShort: boolean): void {
    this.store.restart(cutShort);
    for (const name of this.connections.keys()) this.disconnect(name);
    this.engine = this.openEngine();
  }

  /** What is broken already cannot break. */
  private disconnect(name: string): void {
    const connection = this.connections.get(name);
    if (connection === undefined || !connection.isUp) return;
    connection.disconnect();
    for (const client of connection.watchers) if (!client.ended) this.noteClient(client, 'disconnected');
    this.at(this.clock.nowUs + connection.plan.client.reconnectAfterUs, () => this.reconnect(connection));
  }

  private reconnect(connection: Connection): void {
    connection.reconnect(this.engine);
    for (const client of connection.watchers) {
      if (client.ended) continue;
      const startRev = client.started ? resumeRevision(client, connection.plan) : client.startRev;
      if (client.started) this.noteClient(client, 'resumed', startRev);
      this.attach(connection, client, startRev);
    }
  }

  // What the store does by itself.

  private queueCommit(): void {
    const { commitsPerSecond, poisson } = this.options.arrivals;
    const meanUs = 1e6 / commitsPerSecond;
    this.arrivalsUs += poisson ? this.random.exponential(meanUs) : meanUs;
    if (!this.store.hasNext) return;
    this.at(Math.floor(this.arrivalsUs), () => {
      const { revision, events } = this.store.commitNext()!;
      this.entries.push({ kind: 'commit', timeUs: this.clock.nowUs, revision, events });
      this.counter.add(events);
      this.engine.notify(revision, events);
      this.queueCommit();
    });
  }

  private queueSync(delayUs: number): void {
    this.syncQueued = true;
    this.clock.after(delayUs, () => this.sync());
  }

  private sync(): void {
    this.syncQueued = false;
    const pass = this.engine.upcomingPass();
    if (pass === undefined) {
      if (this.moreToCome()) this.queueSync(this.idleUs());
      return;
    }
    const costUs = Math.round(this.counter.costUs(pass));
    this.busyUntilUs = this.clock.nowUs + costUs;
    if (costUs === 0) {
      this.runPass(pass, costUs);
      return;
    }
    this.passRuns = true;
    this.syncQueued = true;
    this.clock.after(costUs, () => {
      this.passRuns = false;
      this.syncQueued = false;
      this.runPass(pass, costUs);
    });
  }

  /** With nothing unsynced the loop only ticks; the ticks before anything else happens are left out. */
  private idleUs(): number {
    const { resyncPeriodUs } = this.options.parameters;
    const waitUs = (this.clock.nextUs ?? this.clock.nowUs) - this.clock.nowUs;
    return Math.max(Math.ceil(waitUs / resyncPeriodUs), 1) * resyncPeriodUs;
  }

  private runPass(pass: SyncPass, costUs: number): void {
    const unsyncedBefore = this.engine.unsyncedCount;
    this.passes++;
    this.entries.push({
      kind: 'pass',
      timeUs: this.clock.nowUs,
      pass: this.passes,
      chosen: pass.chosen.map((watcher) => this.names.get(watcher)!),
      minRev: pass.minRev,
      currentRev: pass.currentRev,
      costUs,
    });
    this.inPass = true;
    this.quietRuns++;
    const unsynced = this.engine.syncWatchers();
    this.inPass = false;
    this.wakeVictims();
    if (!this.moreToCome()) return;
    const headway = unsynced !== 0 && unsynced < unsyncedBefore;
    this.queueSync(headway ? costUs : this.options.parameters.resyncPeriodUs);
  }

  /** A new victim wakes the loop, whatever it was waiting for. */
  private wakeVictims(): void {
    if (!this.victimsAdded) return;
    this.victimsAdded = false;
    this.queueVictims(0);
  }

  private queueVictims(delayUs: number): void {
    const run = ++this.victimRun;
    this.victimQueued = true;
    this.at(this.clock.nowUs + delayUs, () => {
      if (run !== this.victimRun) return;
      this.victimQueued = false;
      this.quietRuns++;
      const moved = this.engine.moveVictims();
      if (this.engine.hasVictims && this.moreToCome()) {
        this.queueVictims(moved > 0 ? 0 : this.options.parameters.victimRetryUs);
      }
    });
  }

  /** Whether anything can still change: something is queued beside the loops, or the loops still change something. */
  private moreToCome(): boolean {
    const loops = (this.syncQueued ? 1 : 0) + (this.victimQueued ? 1 : 0);
    if (this.clock.size > loops) return true;
    const waiting = this.engine.unsyncedCount > 0 || this.engine.hasVictims;
    return waiting && this.quietRuns < QUIET_RUNS;
  }

  // What is told of it.

  private noteGroup(watcher: Watcher, change: GroupChange): void {
    this.metrics.moved(change.from, change.to);
    if (change.because === 'streamFull') this.victimsAdded = true;
    if (change.because !== 'cancelDelayed') this.quietRuns = 0;
    this.entries.push({
      kind: 'group',
      timeUs: this.clock.nowUs,
      watcher: this.names.get(watcher) ?? this.starting,
      ...change,
      minRev: watcher.minRev,
      pass: this.inPass ? this.passes : undefined,
    });
  }

  private noteClient({ spec }: ClientWatcher, what: ClientEntry['what'], startRev?: number): void {
    this.entries.push({ kind: 'client', timeUs: this.clock.nowUs, watcher: spec.name, what, startRev });
  }

  private noteDelivery(
    connection: Connection,
    client: ClientWatcher | undefined,
    { via, revision, compactRevision, events }: WatchResponse,
    sentUs: number,
  ): void {
    this.quietRuns = 0;
    const timeUs = this.clock.nowUs;
    this.entries.push({
      kind: 'response',
      timeUs,
      sentUs,
      watcher: client?.spec.name ?? ALL_ON_STREAM,
      stream: connection.name,
      via,
      revision,
      compactRevision,
      events: client?.spec.prevKv ? events.map((event) => withPrevKv(this.store, event)) : events,
    });
  }
}

function describeAction(action: Action): string {
  switch (action.action) {
    case 'watch':
      return `watch ${action.watcher.name}`;
    case 'cancel':
      return `cancel ${action.watcher}`;
    case 'compact': {
      const { revision } = action;
      return `compact ${typeof revision === 'number' ? revision : `${revision.behind} behind`}`;
    }
    case 'progress':
      return `progress ${action.stream}`;
    case 'stall':
      return `stall ${action.stream}`;
    default:
      return action.action;
  }
}

/** Yields what happens, in order of time. The store must be fresh: a replay changes where it stands. */
export function replay(store: ReplayStore, options: ReplayOptions): Iterable<TraceEntry> {
  return new Replay(store, options).run();
}
