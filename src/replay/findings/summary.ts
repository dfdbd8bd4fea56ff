// Sums up a replay, watcher by watcher, and over time.
//
// The lag of a watcher is the number of revisions from the oldest event that it should have been given, and was not
// given yet, up to the store's newest revision; 0 when it has all events. A lag is known only afterwards: when that
// event is given at last, or at the end.

import type { History } from '../../mvcc/history.js';
import type { CacheSummary } from '../run/cache/cache-summary.js';
import { CommitTimes } from '../run/commit-times.js';
import type { EventName } from '../run/event-name.js';
import { allWatchers, mayGoBack, type ReplayOptions } from '../run/replay-options.js';
import type { ClientEntry, Delivery, EndEntry, GroupEntry, Restored, TraceEntry } from '../run/trace.js';
import type { MetricValues } from '../run/watch-metrics.js';
import { Timeline } from './timeline.js';
import { countWanted } from './wanted-events.js';
import { summaryOf, tallyOf, type WatcherSummary, type WatcherTally } from './watcher-tally.js';

export { endingOf, type WatcherSummary } from './watcher-tally.js';

interface StreamSummary {
  readonly stream: string;
  /** The number of responses that nobody has taken. */
  readonly queued: number;
  /** The most responses that ever waited; the stream holds `capacity` of them. */
  readonly peakQueued: number;
  readonly capacity: number;
  /** The most bytes that its events ever held: in the stream, and of victims that waited for it. */
  readonly peakBytes: number;
}

/** The most bytes that pending events held in all, and when. */
interface MemorySummary {
  readonly peakBytes: number;
  readonly peakUs: number;
}

/** The largest message that a client of gRPC takes unless it is told otherwise. etcd's own client takes any. */
const GRPC_MESSAGE_BYTES = 4 * 1024 * 1024;

export interface ReplaySummary {
  readonly endUs: number;
  readonly currentRev: number;
  readonly compactRev: number;
  /** The watchers in the order in which they were given. */
  readonly watchers: readonly WatcherSummary[];
  readonly streams: readonly StreamSummary[];
  readonly metrics: { readonly atEnd: MetricValues; readonly peak: MetricValues };
  readonly memory: MemorySummary;
  /** The watch caches of apiservers, and what their clients came to. */
  readonly caches: readonly CacheSummary[];
  /** The length of a step of the timelines. */
  readonly stepUs: number;
}

/** Listens to a replay, and sums it up. */
export class Summarizer {
  private readonly byName = new Map<string, WatcherTally>();
  private readonly commits = new CommitTimes();
  private readonly timeline = new Timeline();
  private readonly capacity: number;
  private readonly goesBack: boolean;
  private baseRev = 0;
  private newestRev = 0;
  private restored = false;

  constructor(options: Pick<ReplayOptions, 'watchers' | 'actions' | 'parameters'>) {
    this.goesBack = mayGoBack(options);
    this.capacity = options.parameters.chanBufLen;
    for (const spec of allWatchers(options))
      this.byName.set(spec.name, tallyOf(spec, this.timeline.lane(), this.goesBack));
  }

  add(entry: TraceEntry): void {
    if (entry.kind === 'commit') this.addCommit(entry.revision, entry.timeUs);
    else if (entry.kind === 'group') this.addGroup(entry);
    else if (entry.kind === 'response') this.addResponse(entry);
    else if (entry.kind === 'client') this.addClient(entry);
    else if (entry.kind === 'action' && entry.restored !== undefined) this.restore(entry.restored);
    else if (entry.kind === 'answer' && entry.what === 'refused') this.byName.get(entry.watcher)!.refused = true;
  }

  private addCommit(revision: number, timeUs: number): void {
    if (revision <= this.newestRev) this.goBack(revision - 1);
    this.newestRev = revision;
    this.commits.add(revision, timeUs);
  }

  /**
   * A restart has set the store back to `revision`: events that were given of later revisions are no longer in the
   * history.
   */
  private goBack(revision: number): void {
    for (const tally of this.byName.values()) {
      const { dueRevs } = tally;
      if (dueRevs !== undefined) {
        dueRevs.cut(dueRevs.countBelow(revision + 1));
        tally.due = dueRevs.length;
      }
      tally.givenRev = Math.min(tally.givenRev, revision);
    }
  }

  /** What was written after the backup is no longer there, also what a client had listed. */
  private restore({ backupRev, revision }: Restored): void {
    this.restored = true;
    for (const tally of this.byName.values()) {
      const { dueRevs, cancelledRev } = tally;
      tally.undone += dueRevs!.length - dueRevs!.countBelow(backupRev + 1);
      tally.listed = tally.listed.map((listed) => ({ ...listed, toRev: Math.min(listed.toRev, backupRev) }));
      if (cancelledRev !== undefined) tally.cancelledRev = Math.min(cancelledRev, backupRev);
    }
    this.goBack(backupRev);
    this.commits.goBack(backupRev);
    this.baseRev = backupRev;
    this.newestRev = revision;
  }

  private addGroup({ watcher, from, to, because, minRev, currentRev, timeUs }: GroupEntry): void {
    const tally = this.byName.get(watcher)!;
    this.baseRev ||= currentRev;
    this.newestRev ||= currentRev;
    tally.group = to;
    tally.minRev = minRev;
    tally.lane.enter(to, timeUs);
    if (to === 'synced') tally.syncedUs ??= timeUs;
    if (to === 'victim') tally.timesVictim++;
    if (from === undefined && tally.fromRev === undefined) {
      tally.fromRev = minRev;
      tally.startedUs = timeUs;
    }
    if (to === 'cancelled') tally.endedUs ??= timeUs;
    if (because === 'cancelled' && tally.compactRevision === undefined) tally.cancelledRev = currentRev;
  }

  /** A client that has lost its connection still waits for what comes. */
  private addClient({ watcher, what, timeUs, startRev }: ClientEntry): void {
    const tally = this.byName.get(watcher)!;
    const cancelled = what === 'cancelled';
    tally.endedUs = cancelled ? timeUs : undefined;
    tally.cancelledRev = cancelled ? this.revisionAt(timeUs) : undefined;
    if (what === 'resumed') tally.timesResumed++;
    if (what === 'relisted') this.relist(tally, startRev! - 1, timeUs);
  }

  private relist(tally: WatcherTally, listRev: number, timeUs: number): void {
    const { givenRev, givenUs } = tally;
    const fromRev = Math.max(givenRev + 1, tally.fromRev ?? 0);
    tally.listed.push({ fromRev, toRev: listRev, sinceUs: givenUs, untilUs: timeUs });
    tally.timesRelisted++;
    tally.compactRevision = undefined;
    tally.givenRev = Math.max(givenRev, listRev);
    tally.givenUs = timeUs;
  }

  private addResponse({ watcher, timeUs, compactRevision, events, bytes }: Delivery): void {
    const tally = this.byName.get(watcher);
    // A progress response for a whole stream speaks of no watcher.
    if (tally === undefined) return;
    tally.responses++;
    tally.lastUs = timeUs;
    if (compactRevision !== 0) tally.compactRevision = compactRevision;
    if (events.length === 0) return;
    const { lastRevision = 0, givenRev, dueRevs } = tally;
    const newestRev = events[events.length - 1]!.kv.modRevision;
    tally.batches++;
    tally.events += events.length;
    tally.repeated += events.filter(({ kv }) => kv.modRevision <= lastRevision).length;
    tally.missingPrevKvs += events.filter(({ missingPrevKv }) => missingPrevKv !== undefined).length;
    if (bytes > tally.maxMessageBytes) {
      tally.maxMessageBytes = bytes;
      tally.maxMessageRevision = newestRev;
    }
    if (bytes > GRPC_MESSAGE_BYTES) tally.largeMessages++;
    tally.firstRevision ??= events[0]!.kv.modRevision;
    tally.lastRevision = Math.max(lastRevision, newestRev);

    const nextRev = Math.max(givenRev + 1, tally.fromRev ?? 0);
    const due = events.filter(({ kv }) => kv.modRevision >= nextRev);
    tally.due += due.length;
    for (const { kv } of dueRevs === undefined ? [] : due) dueRevs!.push(kv.modRevision);
    tally.givenRev = Math.max(givenRev, newestRev);
    const waited = due[0]?.kv;
    if (waited !== undefined) this.noteLag(tally, { key: waited.key, revision: waited.modRevision }, timeUs);
    tally.givenUs = timeUs;
  }

  /** Returns the store's revision at a time. */
  private revisionAt(timeUs: number): number {
    return Math.max(this.commits.revisionAt(timeUs), this.baseRev);
  }

  /**
   * Notes that the watcher had to wait until `untilUs` for the event, the next one that it was to be given. An event
   * that comes in the moment of its commit was not waited for, unless the watcher still `waits`.
   */
  private noteLag(
    tally: WatcherTally,
    event: EventName,
    untilUs: number,
    waits = false,
    givenUs = tally.givenUs,
  ): void {
    const { revision } = event;
    const sinceUs = Math.max(this.commits.timeOf(revision), tally.startedUs);
    if (untilUs < sinceUs || (untilUs === sinceUs && !waits)) return;
    const lagAt = (timeUs: number) => this.revisionAt(timeUs) - revision + 1;
    const [delayUs, lagRevs] = [untilUs - sinceUs, lagAt(untilUs)];
    if (delayUs > tally.maxDelayUs) {
      tally.maxDelayUs = delayUs;
      tally.maxDelayEvent = event;
    }
    if (lagRevs > tally.maxLagRevs) {
      tally.maxLagRevs = lagRevs;
      tally.maxLagEvent = event;
    }
    tally.lane.behind(Math.max(sinceUs, givenUs), untilUs, lagAt);
  }

  /** Counts for each watcher what its client saw only as state. A client has waited for that until it listed. */
  private countListed(history: Pick<History, 'records' | 'compactRev'>): number[] {
    const tallies = [...this.byName.values()];
    const all = tallies.flatMap((tally) => tally.listed.map((listed) => ({ tally, listed })));
    const seen = new Map<WatcherTally, number>();
    const wanted = countWanted(
      history,
      all.map(({ tally: { spec }, listed: { fromRev, toRev } }) => ({
        ...spec,
        fromRev: Math.max(fromRev, history.compactRev),
        toRev,
        givenRev: 0,
      })),
    );
    for (const [i, { tally, listed }] of all.entries()) {
      const { events, next } = wanted[i]!;
      seen.set(tally, (seen.get(tally) ?? 0) + events);
      if (next !== undefined) this.noteLag(tally, next, listed.untilUs, false, listed.sinceUs);
    }
    return tallies.map((tally) => seen.get(tally) ?? 0);
  }

  /** `history` holds everything that was there in the end and can still be read. */
  finish(end: EndEntry, history: Pick<History, 'records' | 'compactRev'>): ReplaySummary {
    const { timeUs: endUs, currentRev, compactRev, metrics, memoryPeakUs } = end;
    if (currentRev < this.newestRev) this.goBack(currentRev);
    const all = [...this.byName.values()];
    const wanted = countWanted(
      history,
      all.map(({ spec, fromRev = Number.POSITIVE_INFINITY, cancelledRev = currentRev, givenRev }) => ({
        ...spec,
        // Below the compact revision, not all records are left.
        fromRev: Math.max(fromRev, history.compactRev),
        toRev: cancelledRev,
        givenRev,
      })),
    );
    const listed = this.countListed(history);
    const watchers = all.map((tally, i) => {
      const { events, filtered, next } = wanted[i]!;
      const seenAsState = listed[i]!;
      const waits = tally.endedUs === undefined;
      if (next !== undefined) this.noteLag(tally, next, tally.endedUs ?? endUs, waits);
      tally.lane.close(endUs);
      const undelivered = Math.max(events - tally.due - seenAsState, 0);
      const isAbove = this.restored && tally.group === 'synced' && tally.minRev > currentRev + 1;
      const waitsForRev = isAbove ? tally.minRev : undefined;
      return { ...summaryOf(tally), seenAsState, waitsForRev, filtered, undelivered };
    });
    return {
      endUs,
      currentRev,
      compactRev,
      watchers: watchers.map((summary, i) => ({
        ...summary,
        // The steps are made when they are asked for: all of them would take more than the rest of a replay.
        get timeline() {
          return all[i]!.lane.steps();
        },
      })),
      streams: end.streams.map((stream) => ({ ...stream, capacity: this.capacity })),
      metrics,
      memory: { peakBytes: metrics.peak.pendingBytes, peakUs: memoryPeakUs },
      caches: end.caches ?? [],
      stepUs: this.timeline.stepUs,
    };
  }
}
