// What differs between two releases over the same replay, watcher by watcher: events that only one delivers, in the
// order they come, and how the watcher ends. When and in which batches an event comes does not count.

import { replay } from './replay.js';
import type { ReplayOptions } from './replay-options.js';
import type { ReplayStore } from './replay-store.js';
import { ReplaySummary } from './summary.js';

/** An event by what identifies it. */
export interface ComparedEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly key: string;
  readonly revision: number;
}

export interface WatcherDifference {
  readonly watcher: string;
  /** What the first release delivers and the second does not, and the other way round. */
  readonly onlyFirst: readonly ComparedEvent[];
  readonly onlySecond: readonly ComparedEvent[];
  /** How it ends in each: its group, or `compacted at N`. */
  readonly endFirst: string;
  readonly endSecond: string;
}

interface Outcome {
  readonly events: ReadonlyMap<string, { readonly event: ComparedEvent; count: number }>;
  readonly end: string;
}

function outcomes(store: ReplayStore, options: ReplayOptions): Map<string, Outcome> {
  const summary = new ReplaySummary(options);
  const delivered = new Map<string, Map<string, { event: ComparedEvent; count: number }>>();
  for (const entry of replay(store, options)) {
    summary.add(entry);
    if (entry.kind !== 'response') continue;
    let events = delivered.get(entry.watcher);
    if (events === undefined) {
      events = new Map();
      delivered.set(entry.watcher, events);
    }
    for (const { type, kv } of entry.events) {
      const name = `${kv.modRevision} ${type} ${kv.key}`;
      const known = events.get(name);
      if (known === undefined) events.set(name, { event: { type, key: kv.key, revision: kv.modRevision }, count: 1 });
      else known.count++;
    }
  }
  return new Map(
    summary.watchers().map(({ watcher, group, compactRevision }) => [
      watcher,
      {
        events: delivered.get(watcher) ?? new Map(),
        end: compactRevision === undefined ? (group ?? 'never started') : `compacted at ${compactRevision}`,
      },
    ]),
  );
}

/** The events that `a` has more often than `b`, each as often as it does. */
function surplus(a: Outcome, b: Outcome): ComparedEvent[] {
  const more: ComparedEvent[] = [];
  for (const [name, { event, count }] of a.events) {
    for (let times = count - (b.events.get(name)?.count ?? 0); times > 0; times--) more.push(event);
  }
  return more;
}

/** Runs the replay twice, each time on a fresh store; gives only the watchers that differ. */
export function compareReplays(
  first: { readonly store: ReplayStore; readonly options: ReplayOptions },
  second: { readonly store: ReplayStore; readonly options: ReplayOptions },
): readonly WatcherDifference[] {
  const firsts = outcomes(first.store, first.options);
  const seconds = outcomes(second.store, second.options);
  const differences: WatcherDifference[] = [];
  for (const [watcher, a] of firsts) {
    const b = seconds.get(watcher)!;
    const onlyFirst = surplus(a, b);
    const onlySecond = surplus(b, a);
    if (onlyFirst.length + onlySecond.length > 0 || a.end !== b.end) {
      differences.push({ watcher, onlyFirst, onlySecond, endFirst: a.end, endSecond: b.end });
    }
  }
  return differences;
}
