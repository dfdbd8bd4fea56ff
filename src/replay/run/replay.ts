// A replay is a pure function. It takes a history, watchers and what happens to them, and says what each watcher
// receives, when, and why. It drives the watch engine on a virtual clock; the loops, the commits, the actions and the
// clients are tasks on that clock.

import { MvccwError } from '../../errors.js';
import { ALL_ON_STREAM, checkDistinctNames, streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { SentResponse } from '../../watch/server-stream.js';
import { WatchEngine } from '../../watch/watch-engine.js';
import type { GroupChange, SyncPass } from '../../watch/watch-observer.js';
import type { Via, Watcher } from '../../watch/watcher.js';
import { ReplayCaches } from './cache/replay-caches.js';
import { ClientWatcher } from './client-watcher.js';
import { type Answered, Connection, type ConnectionHost, type HandedResponse } from './connection.js';
import { describeAction, progressOutcome } from './describe-action.js';
import { PassCounter } from './pass-counter.js';
import { PendingMemory } from './pending-memory.js';
import { SeededRandom } from './random.js';
import { type Action, allWatchers, fillsCache, type ReplayOptions, streamPlan } from './replay-options.js';
import type { ReplayStore } from './replay-store.js';
import type { ActionOutcome, ClientEntry, Moment, Restored, TraceEntry } from './trace.js';
import { VirtualClock } from './virtual-clock.js';
import { type LoopHost, WatchLoops } from './watch-loops.js';
import { WatchMetrics } from './watch-metrics.js';

type RestoreBackup = Extract<Action, { action: 'restoreBackup' }>;

class Replay {
  private readonly clock = new VirtualClock();
  private readonly random: SeededRandom;
  private counter: PassCounter;
  private readonly metrics = new WatchMetrics();
  private readonly memory = new PendingMemory(this.metrics, () => this.clock.nowUs);
  private readonly streamNames: ReadonlyMap<string, string>;
  private readonly connections = new Map<string, Connection>();
  private readonly caches: ReplayCaches;
  private readonly loops: WatchLoops;
  private engine: WatchEngine;
  private entries: TraceEntry[] = [];
  private arrivalsUs = 0;

  private readonly host: ConnectionHost;

  constructor(
    private readonly store: ReplayStore,
    private readonly options: ReplayOptions,
    skipsIdle: boolean,
  ) {
    const watchers = allWatchers(options);
    checkDistinctNames(watchers);
    this.streamNames = new Map(watchers.map((spec) => [spec.name, streamOf(spec)]));
    this.random = new SeededRandom(options.seed);
    this.counter = this.newCounter();
    this.engine = this.openEngine();
    const host: LoopHost = {
      engine: () => this.engine,
      costUs: (pass) => this.counter.costUs(pass),
      onPass: (number, pass, costUs) => this.notePass(number, pass, costUs),
    };
    this.loops = new WatchLoops(this.clock, options.parameters, host, skipsIdle);
    this.caches = new ReplayCaches(this.clock, (entry) => this.entries.push({ ...this.moment(), ...entry }));
    this.host = {
      clock: this.clock,
      store,
      metrics: this.metrics,
      memory: this.memory,
      behaviours: options.release.behaviours,
      parameters: options.parameters,
      whenFree: (task) => this.loops.at(this.clock.nowUs, task),
      inBackground: (timeUs, task) => this.loops.at(timeUs, task, true),
      onQueued: (via) => this.noteResponse(via),
      onAnswer: (connection, client, answer) => this.noteAnswer(connection, client, answer),
      onFragment: (connection, client, part) => this.noteFragment(connection, client, part),
      onDelivery: (connection, client, handed) => this.noteDelivery(connection, client, handed),
      onCompacted: (connection, client) => this.queueRelist(connection, client),
    };
  }

  private newCounter(): PassCounter {
    return new PassCounter(this.store, allWatchers(this.options), this.options.cost);
  }

  private openEngine(): WatchEngine {
    return new WatchEngine(this.store, this.options.parameters, this.options.release.behaviours, {
      onGroupChange: (watcher, change) => this.noteGroup(watcher, change),
      onBatches: (bytes) => this.memory.pass(bytes),
      onHeld: ({ name }, events) => this.memory.hold(this.streamNames.get(name)!, events),
      onReleased: ({ name }, events) => this.memory.release(this.streamNames.get(name)!, events),
    });
  }

  *run(): Iterable<TraceEntry> {
    for (const spec of this.options.watchers) this.startWatcher(spec);
    for (const action of this.options.actions) this.loops.at(action.atUs, () => this.act(action));
    for (const [name, { client }] of this.options.streams) {
      for (const timeUs of client.disconnectAtUs) this.loops.at(timeUs, () => this.disconnect(name));
    }
    this.queueCommit();
    this.loops.start();
    const { untilUs } = this.options;
    const isOver = () => untilUs !== undefined && this.clock.nextUs !== undefined && this.clock.nextUs > untilUs;
    // Background tasks go on for ever, so that they run only up to a time that was asked for.
    const goesOn = () => !isOver() && (this.clock.size > 0 || untilUs !== undefined);
    while (goesOn() && this.clock.step()) yield* this.takeEntries();
    yield* this.takeEntries();
    const activeUntilUs = isOver() ? untilUs! : this.clock.nowUs;
    const timeUs = untilUs ?? activeUntilUs;
    const streams = [...this.connections.values()].map(({ name, queued, peakQueued }) => ({
      stream: name,
      queued,
      peakQueued,
      peakBytes: this.memory.ofStream(name).peakBytes,
    }));
    const metrics = { atEnd: this.metrics.values, peak: this.metrics.peaks };
    const caches = this.caches.summariesAt(timeUs);
    const { peakUs: memoryPeakUs } = this.memory;
    const end = { ...this.moment(), kind: 'end', timeUs, activeUntilUs, streams, metrics, memoryPeakUs } as const;
    yield { ...end, ...(caches && { caches }) };
  }

  private moment(): Moment {
    const { currentRev, compactRev } = this.store;
    return { timeUs: this.clock.nowUs, currentRev, compactRev };
  }

  private takeEntries(): TraceEntry[] {
    const { entries } = this;
    this.entries = [];
    return entries;
  }

  // The things that the scenario makes happen.

  private startWatcher(spec: WatchSpec): void {
    const startRev = spec.startRev ?? this.options.fromRev;
    const client = new ClientWatcher(spec, startRev, this.store.currentRev);
    const connection = this.connection(streamOf(spec));
    connection.watchers.push(client);
    const { cache } = connection.plan;
    if (cache !== undefined && (fillsCache(spec) || this.isAlone(spec))) {
      this.caches.add(client, cache);
      if (cache.progressEveryUs !== undefined) this.askForProgress(connection, cache.progressEveryUs);
    }
    // A client without a connection asks for the watcher when it is back.
    if (connection.isUp) connection.watch(client, startRev);
  }

  private isAlone(spec: WatchSpec): boolean {
    return allWatchers(this.options).filter((other) => streamOf(other) === streamOf(spec)).length === 1;
  }

  /** Asks for progress at each interval, for as long as the replay goes on. */
  private askForProgress(connection: Connection, everyUs: number): void {
    const task = () => {
      connection.requestProgress();
      this.askForProgress(connection, everyUs);
    };
    this.loops.at(this.clock.nowUs + everyUs, task, true);
  }

  private connection(name: string): Connection {
    let connection = this.connections.get(name);
    if (connection === undefined) {
      connection = new Connection(name, streamPlan(this.options, name), this.engine, this.host);
      this.connections.set(name, connection);
    }
    return connection;
  }

  private act(action: Action): void {
    let error: string | undefined;
    let outcome: ActionOutcome | undefined;
    let restored: Restored | undefined;
    try {
      if (action.action === 'restoreBackup') restored = this.restoreBackup(action);
      else outcome = this.perform(action);
    } catch (refused) {
      if (!(refused instanceof MvccwError)) throw refused;
      error = refused.message;
    }
    this.entries.push({ ...this.moment(), kind: 'action', action: describeAction(action), error, outcome, restored });
  }

  /** Performs an action, and returns its outcome when that does not show otherwise. */
  private perform(action: Exclude<Action, { action: 'restoreBackup' }>): ActionOutcome | undefined {
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
        this.store.compact(this.revisionOf(action.revision));
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
        return progressOutcome(this.connection(action.stream).requestProgress());
      case 'stall':
        this.connection(action.stream).stall(action.forUs);
        break;
    }
    return undefined;
  }

  private revisionOf(revision: number | { readonly behind: number }): number {
    return typeof revision === 'number' ? revision : this.store.currentRev - revision.behind;
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

  /** All members are stopped, and started again on what the backup holds: every connection breaks before. */
  private restoreBackup({ revision, bumpRevision, markCompacted }: RestoreBackup): Restored {
    const backupRev = this.revisionOf(revision);
    const backup = { revision: backupRev, bumpRevision, markCompacted };
    this.store.checkBackup(backup);
    for (const name of this.connections.keys()) this.disconnect(name);
    this.store.restoreBackup(backup);
    this.engine = this.openEngine();
    this.counter = this.newCounter();
    return { backupRev, revision: this.store.currentRev };
  }

  /** Breaks a connection, unless it is broken already. */
  private disconnect(name: string): void {
    const connection = this.connections.get(name);
    if (connection === undefined || !connection.isUp) return;
    connection.disconnect();
    for (const client of connection.watchers) if (!client.ended) this.noteClient(client, 'disconnected');
    this.loops.at(this.clock.nowUs + connection.plan.client.reconnectAfterUs, () => this.reconnect(connection));
  }

  private reconnect(connection: Connection): void {
    connection.reconnect(this.engine);
    for (const client of connection.watchers) {
      if (client.lost) this.queueRelist(connection, client);
      if (client.ended) continue;
      const { resumeFrom } = connection.plan.client;
      const startRev = client.resumes ? client.resumeRevision(resumeFrom) : client.startRev;
      if (client.resumes) this.noteClient(client, 'resumed', startRev > 0 ? startRev : this.store.currentRev + 1);
      connection.watch(client, startRev);
    }
  }

  /** Makes a client whose watcher compaction has ended list what is there, if it is one that does so. */
  private queueRelist(connection: Connection, client: ClientWatcher): void {
    const { onCompacted, relistAfterUs } = connection.plan.client;
    if (onCompacted !== 'relist') return;
    const { opened } = connection;
    this.loops.at(this.clock.nowUs + relistAfterUs, () => {
      // A list whose connection broke is begun again on the next one.
      if (!client.lost || !connection.isUp || connection.opened !== opened) return;
      const listRev = this.store.currentRev;
      client.relist(listRev);
      this.noteClient(client, 'relisted', listRev + 1);
      this.caches.relist(client, listRev);
      connection.watch(client, listRev + 1);
    });
  }

  // The things that the store does by itself.

  private queueCommit(): void {
    this.arrivalsUs = this.nextArrivalUs();
    if (!this.store.hasNext) return;
    this.loops.at(Math.floor(this.arrivalsUs), () => {
      const commit = this.store.commitNext();
      if (commit === undefined) return;
      const { revision, events } = commit;
      this.entries.push({ ...this.moment(), kind: 'commit', revision, events });
      this.caches.noteCommit(revision);
      this.counter.add(events);
      this.engine.notify(revision, events);
      this.queueCommit();
    });
  }

  private nextArrivalUs(): number {
    const { commitsPerSecond, poisson, clock } = this.options.arrivals;
    if (clock !== undefined) {
      const { nextRev } = this.store;
      return nextRev === undefined ? this.arrivalsUs : Math.max(clock.timeUs(nextRev) - clock.startUs, this.arrivalsUs);
    }
    const meanUs = 1e6 / commitsPerSecond;
    return this.arrivalsUs + (poisson ? this.random.exponential(meanUs) : meanUs);
  }

  // The entries of the trace.

  private notePass(number: number, { chosen, minRev }: SyncPass, costUs: number): void {
    this.entries.push({
      ...this.moment(),
      kind: 'pass',
      pass: number,
      chosen: chosen.map(({ name }) => name),
      minRev,
      costUs,
    });
  }

  private noteGroup(watcher: Watcher, change: GroupChange): void {
    this.metrics.moved(change.from, change.to);
    if (change.because === 'streamFull') this.loops.noteVictim();
    if (change.because !== 'cancelDelayed') this.loops.noteChange();
    const { currentRev, compactRev } = this.store;
    const { from, to, because } = change;
    // The fields are written out, as a spread makes a replay with many entries several times as slow.
    this.entries.push({
      kind: 'group',
      timeUs: this.clock.nowUs,
      currentRev,
      compactRev,
      watcher: watcher.name,
      from,
      to,
      because,
      minRev: watcher.minRev,
      pass: this.loops.pass,
    });
  }

  private noteClient({ name }: ClientWatcher, what: ClientEntry['what'], startRev?: number): void {
    this.entries.push({ ...this.moment(), kind: 'client', watcher: name, what, startRev });
  }

  private noteAnswer({ name }: Connection, client: ClientWatcher, { what, revision }: Answered): void {
    this.entries.push({ ...this.moment(), kind: 'answer', watcher: client.name, stream: name, what, revision });
  }

  private noteFragment({ name }: Connection, client: ClientWatcher, { revision, events }: SentResponse): void {
    this.entries.push({
      ...this.moment(),
      kind: 'fragment',
      watcher: client.name,
      stream: name,
      revision,
      events: events.length,
    });
  }

  /** Notes that a response came or went. Progress changes nothing for the loops, and may be notified for ever. */
  private noteResponse(via: Via): void {
    if (via !== 'progress') this.loops.noteChange();
  }

  private noteDelivery(connection: Connection, client: ClientWatcher | undefined, handed: HandedResponse): void {
    const { response, sentUs, messages, bytes } = handed;
    const { via, revision, compactRevision, events } = response;
    this.noteResponse(via);
    const { currentRev, compactRev } = this.store;
    this.entries.push({
      kind: 'response',
      timeUs: this.clock.nowUs,
      currentRev,
      compactRev,
      sentUs,
      watcher: client?.name ?? ALL_ON_STREAM,
      stream: connection.name,
      via,
      revision,
      compactRevision,
      events,
      messages,
      bytes,
    });
    for (const heard of client === undefined ? connection.watchers : [client]) this.caches.deliver(heard, response);
  }
}

/**
 * Yields what happens, in order of time. The store must be fresh, as a replay changes where it stands. Throws USAGE
 * when two watchers have the same name, because the name is what tells them apart. With and without `skipsIdle` the same
 * happens; without it, a long wait takes long.
 */
export function replay(store: ReplayStore, options: ReplayOptions, skipsIdle = true): Iterable<TraceEntry> {
  return new Replay(store, options, skipsIdle).run();
}
