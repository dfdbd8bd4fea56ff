// What differs between two releases over the same replay, watcher by watcher: events that only one delivers, in the
// order they come, and how the watcher ends. When and in which batches an event comes does not count.

import type { OpenedReplay } from './checked-replay.js';
import { replay } from './replay.js';
import type { ReplayOptions } from './replay-options.js';
import { Summarizer } from './summary.js';
import type { EndEntry } from './trace.js';

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

/** One of the replays to compare, on a fresh store. */
export interface ComparedReplay {
  readonly opened: OpenedReplay;
  readonly options: ReplayOptions;
}

function outcomes({ opened, options }: ComparedReplay): Map<string, Outcome> {
  const summarizer = new Summarizer(options);
  let end: EndEntry | undefined;
  const delivered = new Map<string, Map<string, { event: ComparedEvent; count: number }>>();
  for (const entry of replay(opened.store, options)) {
    summarizer.add(entry);
    if (entry.kind === 'end') end = entry;
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
    summarizer.finish(end!, opened.history).watchers.map(({ watcher, group, compactRevision }) => [
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

/** Gives only the watchers that differ. */
export function compareReplays(first: ComparedReplay, second: ComparedReplay): readonly WatcherDifference[] {
  const firsts = outcomes(first);
  const seconds = outcomes(second);
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
