// Compares two releases over the same replay. A watcher differs by the events and the progress that only one release
// delivers, and by how it ends. The time and the batch of an event do not count, unless the event comes after progress
// that counts it.

import { ALL_ON_STREAM, streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import { allWatchers, type ReplayOptions } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import type { Delivery, TraceEntry } from '../run/trace.js';
import { type ReplayReport, reportedReplay } from './reported-replay.js';
import { endingOf } from './summary.js';

/** An event, or a progress response, by what identifies it. */
export interface ComparedEvent {
  readonly type: 'PUT' | 'DELETE' | 'PROGRESS';
  /** The key of the event; undefined for progress. */
  readonly key: string | undefined;
  readonly revision: number;
  /** Whether it came after progress at its revision or a later one. */
  readonly late?: true;
}

export interface WatcherDifference {
  readonly watcher: string;
  /** What only the first release delivers, and what only the second one does. */
  readonly onlyFirst: readonly ComparedEvent[];
  readonly onlySecond: readonly ComparedEvent[];
  /** How the watcher ends in each release: its group, or `compacted at N`. */
  readonly endFirst: string;
  readonly endSecond: string;
}

/** One of the two replays; its store must be fresh. */
export interface ComparedReplay {
  readonly opened: OpenedReplay;
  readonly options: ReplayOptions;
}

/** What one replay has delivered to a watcher more often than the other so far: each event, and how many times more. */
class Surplus {
  private readonly pending = new Map<string, { readonly event: ComparedEvent; more: number }>();

  /** `times` is 1 when the first replay delivers it, -1 when the second does. */
  add(event: ComparedEvent, times: 1 | -1): void {
    const { type, key = '', revision, late = false } = event;
    const name = `${revision} ${type} ${late} ${key}`;
    const known = this.pending.get(name);
    if (known === undefined) {
      this.pending.set(name, { event, more: times });
      return;
    }
    known.more += times;
    if (known.more === 0) this.pending.delete(name);
  }

  /** Returns what only one side has delivered, in the order in which it came. */
  of(side: 1 | -1): ComparedEvent[] {
    const events: ComparedEvent[] = [];
    for (const { event, more } of this.pending.values()) {
      for (let times = more * side; times > 0; times--) events.push(event);
    }
    return events;
  }
}

/** One of the replays while it runs. */
class Run {
  private readonly entries: Iterator<TraceEntry, ReplayReport>;
  private report: ReplayReport | undefined;
  /** The time of the last entry; Infinity after the end. */
  timeUs = 0;
  private steps = 0;
  /** The highest revision of progress that each watcher was told of. */
  private readonly progressRevs = new Map<string, number>();
  private readonly watchers: readonly WatchSpec[];

  constructor({ opened, options }: ComparedReplay) {
    this.entries = reportedReplay(opened, options, false);
    this.watchers = allWatchers(options);
  }

  /** Whether this replay goes on next. Many entries may have the same time. */
  isBehind(other: Run): boolean {
    return this.timeUs < other.timeUs || (this.timeUs === other.timeUs && this.steps <= other.steps);
  }

  /** Goes on by one entry, and returns the entry when it is a response. */
  step(): Delivery | undefined {
    this.steps++;
    const next = this.entries.next();
    if (next.done) {
      this.timeUs = Number.POSITIVE_INFINITY;
      this.report = next.value;
      return undefined;
    }
    const entry = next.value;
    this.timeUs = entry.timeUs;
    return entry.kind === 'response' ? entry : undefined;
  }

  /** Returns the watchers that a response is for. */
  hearersOf({ watcher, stream }: Delivery): string[] {
    if (watcher !== ALL_ON_STREAM) return [watcher];
    return this.watchers.filter((spec) => streamOf(spec) === stream).map(({ name }) => name);
  }

  /** Yields what a response brings to one watcher. */
  *bringsTo(watcher: string, { via, revision, events }: Delivery): Iterable<ComparedEvent> {
    const progressRev = this.progressRevs.get(watcher) ?? 0;
    if (via === 'progress') {
      this.progressRevs.set(watcher, Math.max(progressRev, revision));
      yield { type: 'PROGRESS', key: undefined, revision };
    }
    for (const { type, kv } of events) {
      const late = kv.modRevision <= progressRev;
      yield { type, key: kv.key, revision: kv.modRevision, ...(late && { late }) };
    }
  }

  /** Returns how each watcher has ended, in the order in which the watchers were given. */
  endings(): Map<string, string> {
    return new Map(this.report!.summary.watchers.map((watcher) => [watcher.watcher, endingOf(watcher)]));
  }
}

/**
 * Returns only the watchers that differ. Both replays run side by side in virtual time, so that only what one has
 * delivered and the other has not yet is kept in memory.
 */
export function compareReplays(first: ComparedReplay, second: ComparedReplay): readonly WatcherDifference[] {
  const [a, b] = [new Run(first), new Run(second)];
  const surpluses = new Map<string, Surplus>();
  while (Math.min(a.timeUs, b.timeUs) < Number.POSITIVE_INFINITY) {
    const isFirst = a.isBehind(b);
    const run = isFirst ? a : b;
    const delivery = run.step();
    if (delivery === undefined) continue;
    for (const watcher of run.hearersOf(delivery)) {
      let surplus = surpluses.get(watcher);
      if (surplus === undefined) {
        surplus = new Surplus();
        surpluses.set(watcher, surplus);
      }
      for (const event of run.bringsTo(watcher, delivery)) surplus.add(event, isFirst ? 1 : -1);
    }
  }
  const seconds = b.endings();
  const differences: WatcherDifference[] = [];
  for (const [watcher, endFirst] of a.endings()) {
    const endSecond = seconds.get(watcher)!;
    const surplus = surpluses.get(watcher);
    const [onlyFirst, onlySecond] = [surplus?.of(1) ?? [], surplus?.of(-1) ?? []];
    if (onlyFirst.length + onlySecond.length > 0 || endFirst !== endSecond) {
      differences.push({ watcher, onlyFirst, onlySecond, endFirst, endSecond });
    }
  }
  return differences;
}
