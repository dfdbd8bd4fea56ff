// What a replay came to, watcher by watcher.

import type { WatchSpec } from '../watch/watch-spec.js';
import type { Delivery } from './trace.js';

export interface WatcherSummary {
  readonly watcher: string;
  readonly stream: string;
  /** Responses with events: the batches. */
  batches: number;
  /** All responses, a cancel included. */
  responses: number;
  events: number;
  /** Of the events; undefined without any. */
  firstRevision: number | undefined;
  lastRevision: number | undefined;
  /** When the last response came, in µs. */
  lastUs: number | undefined;
  /** The compact revision that ended the watcher; undefined while it lives. */
  compactRevision: number | undefined;
}

export class ReplaySummary {
  private readonly byName = new Map<string, WatcherSummary>();

  constructor(watchers: readonly WatchSpec[]) {
    for (const { name, stream } of watchers) {
      this.byName.set(name, {
        watcher: name,
        stream: stream ?? name,
        batches: 0,
        responses: 0,
        events: 0,
        firstRevision: undefined,
        lastRevision: undefined,
        lastUs: undefined,
        compactRevision: undefined,
      });
    }
  }

  add(delivery: Delivery): void {
    const summary = this.byName.get(delivery.watcher)!;
    summary.responses++;
    summary.lastUs = delivery.timeUs;
    if (delivery.compactRevision > 0) summary.compactRevision = delivery.compactRevision;
    if (delivery.events.length === 0) return;
    summary.batches++;
    summary.events += delivery.events.length;
    summary.firstRevision ??= delivery.events[0]!.kv.modRevision;
    summary.lastRevision = delivery.events[delivery.events.length - 1]!.kv.modRevision;
  }

  /** In the order the watchers were given in. */
  watchers(): readonly Readonly<WatcherSummary>[] {
    return [...this.byName.values()];
  }
}
