// The watch engine is the catch-up algorithm of etcd's watchable_store.go. A watcher is synced, unsynced or a victim,
// and moves between these groups:
//
//            stream full                        stream has room
//   synced ──────────────→ victim ──────────────────────────────────→ synced, if nothing was written meanwhile,
//      ↑                      ↑ stream full                           else unsynced
//      └────────────── unsynced      (syncWatchers: read from the history, up to watchBatchMaxRevs revisions each)
//
// The engine has no timers: its driver says when a pass runs.
// Differs from etcd: where that goes through a group in a Go map's random order, this goes in watch-id order.

import assert from 'node:assert';
import { MvccwError } from '../errors.js';
import type { WatchEvent } from '../mvcc/record.js';
import { batchesFromHistory } from './catch-up.js';
import { batchOf, type EventBatch } from './event-batch.js';
import { KeptRecords } from './kept-records.js';
import { NegativeReads } from './negative-reads.js';
import { recordBytes } from './response-size.js';
import { NO_BEHAVIOUR, type WatchBehaviours } from './watch-behaviour.js';
import type { Because, EndedBy, SyncPass, WatchObserver } from './watch-observer.js';
import { type OnQueued, type Watchable, WatchStream } from './watch-stream.js';
import { DEFAULT_WATCH_PARAMETERS, type WatchableHistory, type WatchParameters } from './watchable-history.js';
import { ALL_WATCHERS, byWatchId, type Group, type ResponseSink, Watcher, type WatchRequest } from './watcher.js';
import { WatcherGroup } from './watcher-group.js';

type VictimBatch = Map<Watcher, EventBatch>;

export class WatchEngine implements Watchable {
  private readonly synced = new WatcherGroup();
  private readonly unsynced = new WatcherGroup();
  /** Each pass that met full streams has added one entry. */
  private victims: VictimBatch[] = [];
  private nextSerial = 0;
  private kept: KeptRecords | undefined;

  private readonly history: WatchableHistory;

  constructor(
    history: WatchableHistory,
    private readonly parameters: WatchParameters = DEFAULT_WATCH_PARAMETERS,
    private readonly behaviours: WatchBehaviours = NO_BEHAVIOUR,
    private readonly observer: WatchObserver = {},
  ) {
    this.history = behaviours.has('negativeStart') ? new NegativeReads(history) : history;
  }

  get unsyncedCount(): number {
    return this.unsynced.size;
  }

  get hasVictims(): boolean {
    return this.victims.length > 0;
  }

  /** Opens a stream that holds chanBufLen responses. */
  openStream(onQueued?: OnQueued): WatchStream {
    return new WatchStream(this, this.parameters.chanBufLen, onQueued);
  }

  /** Starts a watcher of a stream. A watcher that only wants what is yet to come starts synced. */
  addWatcher(stream: ResponseSink, id: number, request: WatchRequest): Watcher {
    const watcher = new Watcher(stream, id, this.nextSerial++, request, this.history.currentRev);
    const { group } = watcher;
    if (group === 'synced' || group === 'unsynced') this[group].add(watcher);
    this.tell(watcher, undefined, 'started');
    return watcher;
  }

  /** Ends a watcher of a stream. */
  cancel(watcher: Watcher, because: EndedBy): void {
    if (watcher.group === 'cancelled') return;
    if (watcher.group === 'victim') this.dropVictim(watcher);
    this.moveTo(watcher, 'cancelled', because);
  }

  private dropVictim(watcher: Watcher): void {
    for (const batches of this.victims) {
      const batch = batches.get(watcher);
      if (batch === undefined) continue;
      batches.delete(watcher);
      this.observer.onReleased?.(watcher, batch.events);
    }
  }

  /** Tells the synced watchers of a committed transaction. */
  notify(revision: number, events: readonly WatchEvent[]): void {
    const { watchBatchMaxRevs } = this.parameters;
    const batches = new Map<Watcher, EventBatch>();
    for (const event of events) {
      this.synced.stab(event.kv.key, (watcher) => {
        if (event.kv.modRevision >= watcher.minRev) batchOf(batches, watcher, watchBatchMaxRevs).add(event);
      });
    }
    const victims: VictimBatch = new Map();
    for (const [watcher, batch] of inWatchIdOrder(batches)) {
      assert(batch.revs === 1, 'a notification holds one revision');
      const sent = watcher.send({ via: 'notify', events: batch.events, revision, compactRevision: 0 });
      if (!sent || !this.behaviours.has('notifyMinRev')) watcher.minRev = revision + 1;
      if (!sent) this.makeVictim(victims, watcher, batch);
    }
    this.addVictims(victims);
  }

  /**
   * Makes one pass over the unsynced watchers, and returns how many stay unsynced.
   *
   * 1. choose up to maxWatchersPerSync; cancel those that compaction has overtaken
   * 2. read the history from the lowest minRev among them
   * 3. collect each one's batch of events
   * 4. send it; the watcher becomes synced, stays unsynced (there is more), or becomes a victim (its stream is full)
   */
  syncWatchers(): number {
    if (this.unsynced.size === 0) {
      this.kept = undefined;
      return 0;
    }
    const { currentRev, compactRev } = this.history;
    const chosen = this.choose();
    this.cancelCompacted(chosen, compactRev);
    const losesCompacted = this.behaviours.has('compactedChannelFull');
    const batches = this.catchUp(chosen, losesCompacted);
    const victims: VictimBatch = new Map();
    for (const watcher of chosen.watchers()) {
      // The watcher's cancel found the stream full; the next pass tries again.
      const overtaken = watcher.minRev < compactRev;
      if (overtaken && !losesCompacted) continue;
      watcher.minRev = this.behaviours.has('futureMinRev') ? currentRev + 1 : Math.max(currentRev + 1, watcher.minRev);
      const batch = batches.get(watcher);
      if (batch === undefined) {
        this.moveTo(watcher, 'synced', overtaken ? 'lostToCompaction' : 'nothingToRead');
        continue;
      }
      if (batch.full) watcher.minRev = batch.moreRev;
      if (!watcher.send({ via: 'sync', events: batch.events, revision: currentRev, compactRevision: 0 })) {
        this.makeVictim(victims, watcher, batch);
      } else if (!batch.full) {
        this.moveTo(watcher, 'synced', overtaken ? 'lostToCompaction' : 'caughtUp');
      }
    }
    this.addVictims(victims);
    return this.unsynced.size;
  }

  /** Returns what syncWatchers would look at now; undefined when no watcher is unsynced. */
  upcomingPass(): SyncPass | undefined {
    if (this.unsynced.size === 0) return undefined;
    const { currentRev, compactRev } = this.history;
    const chosen = this.choose().watchers();
    return { chosen, currentRev, minRev: lowestWanted(chosen, compactRev) };
  }

  /** Returns the unsynced group itself when it has less than maxWatchersPerSync members; else a copy of that many. */
  private choose(): WatcherGroup {
    const { maxWatchersPerSync } = this.parameters;
    if (this.unsynced.size < maxWatchersPerSync) return this.unsynced;
    const copy = new WatcherGroup();
    for (const watcher of this.unsynced.watchers().slice(0, maxWatchersPerSync)) copy.add(watcher);
    return copy;
  }

  private cancelCompacted(chosen: WatcherGroup, compactRev: number): void {
    for (const watcher of chosen.watchers()) {
      if (watcher.minRev > this.history.currentRev) {
        assert(watcher.restored, 'only a restored watcher waits for the future among the unsynced');
        watcher.restored = false;
      }
      if (watcher.minRev >= compactRev) continue;
      if (!watcher.send({ via: 'cancel', events: [], revision: 0, compactRevision: compactRev })) {
        this.tell(watcher, watcher.group, 'cancelDelayed');
        continue;
      }
      chosen.delete(watcher);
      if (chosen !== this.unsynced && this.behaviours.has('compactCancelRepeated')) {
        this.tell(watcher, watcher.group, 'compactedButKept');
      } else {
        this.moveTo(watcher, 'cancelled', 'compacted');
      }
    }
  }

  /** Tries to send the victims' batches again, and returns how many were sent. */
  moveVictims(): number {
    const batches = this.victims;
    // The victim loop tries often, and mostly in vain.
    if (batches.length === 1 && allBlocked(batches[0]!)) return 0;
    this.victims = [];
    const stillVictims: VictimBatch = new Map();
    let moved = 0;
    for (const batch of batches) {
      for (const [watcher, events] of inWatchIdOrder(batch)) {
        // The watcher has seen the store up to, but not including, minRev.
        const revision = watcher.minRev - 1;
        if (!watcher.send({ via: 'victim', events: events.events, revision, compactRevision: 0 })) {
          stillVictims.set(watcher, events);
          continue;
        }
        moved++;
        this.observer.onReleased?.(watcher, events.events);
        if (events.full) watcher.minRev = events.moreRev;
        this.moveTo(watcher, watcher.minRev <= this.history.currentRev ? 'unsynced' : 'synced', 'delivered');
      }
    }
    this.addVictims(stillVictims);
    return moved;
  }

  /** Sends progress in the name of a watch id when all the watchers are synced; returns false when some are not. */
  progress(watchers: readonly Watcher[], watchId: number): boolean {
    const revision = this.history.currentRev;
    const futureToo = this.behaviours.has('futureProgress');
    const ready = watchers.every(
      (watcher) => watcher.group === 'synced' && (watcher.startRev <= revision || futureToo),
    );
    if (!ready) return false;
    // A full stream drops it. Events are then on their way, which tell the client as much.
    watchers[0]?.send({ via: 'progress', events: [], revision, compactRevision: 0 }, watchId);
    return true;
  }

  /** Sends progress for a whole stream. Throws USAGE in a release whose store cannot do that. */
  progressAll(watchers: readonly Watcher[]): boolean {
    if (this.behaviours.has('progressAll')) throw new MvccwError('USAGE', 'unsupported');
    return this.progress(watchers, ALL_WATCHERS);
  }

  /** Makes every synced watcher look again, because the history was replaced, for example by a leader's snapshot. */
  restore(): void {
    for (const watcher of this.synced.watchers()) {
      watcher.restored = true;
      this.moveTo(watcher, 'unsynced', 'restored');
    }
  }

  private catchUp(chosen: WatcherGroup, compactedToo: boolean): Map<Watcher, EventBatch> {
    const { watchBatchMaxRevs } = this.parameters;
    const history = this.behaviours.has('eventsKept') ? this.keptFor(chosen) : this.history;
    const { onBatches } = this.observer;
    if (onBatches === undefined) return batchesFromHistory(chosen, history, watchBatchMaxRevs, compactedToo);
    let bytes = 0;
    const batches = batchesFromHistory(chosen, history, watchBatchMaxRevs, compactedToo, ({ kv }) => {
      bytes += recordBytes(kv);
    });
    onBatches(bytes);
    return batches;
  }

  private keptFor(chosen: WatcherGroup): KeptRecords {
    this.kept ??= new KeptRecords(this.history);
    this.kept.startPass(lowestWanted(chosen.watchers(), this.history.compactRev) ?? Number.POSITIVE_INFINITY);
    return this.kept;
  }

  private moveTo(watcher: Watcher, group: Group, because: Because): void {
    const from = watcher.group;
    if (from === 'synced' || from === 'unsynced') this[from].delete(watcher);
    if (group === 'synced' || group === 'unsynced') this[group].add(watcher);
    watcher.group = group;
    this.tell(watcher, from, because);
  }

  private tell(watcher: Watcher, from: Group | undefined, because: Because): void {
    this.observer.onGroupChange?.(watcher, { from, to: watcher.group, because });
  }

  private makeVictim(victims: VictimBatch, watcher: Watcher, batch: EventBatch): void {
    victims.set(watcher, batch);
    this.observer.onHeld?.(watcher, batch.events);
    this.moveTo(watcher, 'victim', 'streamFull');
  }

  private addVictims(victims: VictimBatch): void {
    if (victims.size > 0) this.victims.push(victims);
  }
}

/**
 * Returns whether no batch can be sent. A batch whose watchers were all cancelled counts as not blocked, so that it
 * goes.
 */
function allBlocked(batch: VictimBatch): boolean {
  for (const watcher of batch.keys()) if (!watcher.blocked) return false;
  return batch.size > 0;
}

/** Returns the lowest revision that one of the watchers still needs and that can be read. */
function lowestWanted(watchers: readonly Watcher[], compactRev: number): number | undefined {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { minRev } of watchers) if (minRev >= compactRev) lowest = Math.min(lowest, minRev);
  return lowest === Number.POSITIVE_INFINITY ? undefined : lowest;
}

function inWatchIdOrder(batches: ReadonlyMap<Watcher, EventBatch>): [Watcher, EventBatch][] {
  return [...batches].sort(([a], [b]) => byWatchId(a, b));
}
