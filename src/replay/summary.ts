// What a replay came to, watcher by watcher.

import type { WatchSpec } from '../watch/watch-spec.js';
import type { Group } from '../watch/watcher.js';
import type { ReplayOptions } from './replay-options.js';
import type { Delivery, GroupEntry, TraceEntry } from './trace.js';

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
  /** When it was synced for the first time, in µs; undefined while it never was. */
  syncedUs: number | undefined;
  /** How often its stream was full. */
  timesVictim: number;
  /** Where it stands at the end; undefined when it was never started. */
  group: Group | undefined;
  /** The compact revision that ended the watcher; undefined while it lives. */
  compactRevision: number | undefined;
}

export class ReplaySummary {
  private readonly byName = new Map<string, WatcherSummary>();

  constructor({ watchers, actions }: Pick<ReplayOptions, 'watchers' | 'actions'>) {
    for (const spec of watchers) this.expect(spec);
    for (const action of actions) if (action.action === 'watch') this.expect(action.watcher);
  }

  private expect({ name, stream }: WatchSpec): void {
    this.byName.set(name, {
      watcher: name,
      stream: stream ?? name,
      batches: 0,
      responses: 0,
      events: 0,
      firstRevision: undefined,
      lastRevision: undefined,
      lastUs: undefined,
      syncedUs: undefined,
      timesVictim: 0,
      group: undefined,
      compactRevision: undefined,
    });
  }

  add(entry: TraceEntry): void {
    if (entry.kind === 'group') this.addGroup(entry);
    else if (entry.kind === 'response') this.addResponse(entry);
  }

  private addGroup({ watcher, to, timeUs }: GroupEntry): void {
    const summary = this.byName.get(watcher)!;
    summary.group = to;
    if (to === 'synced') summary.syncedUs ??= timeUs;
    if (to === 'victim') summary.timesVictim++;
  }

  private addResponse({ watcher, timeUs, compactRevision, events }: Delivery): void {
    // A progress response for a whole stream speaks of no watcher.
    const summary = this.byName.get(watcher);
    if (summary === undefined) return;
    summary.responses++;
    summary.lastUs = timeUs;
    if (compactRevision > 0) summary.compactRevision = compactRevision;
    if (events.length === 0) return;
    summary.batches++;
    summary.events += events.length;
    summary.firstRevision ??= events[0]!.kv.modRevision;
    summary.lastRevision = events[events.length - 1]!.kv.modRevision;
  }

  /** In the order the watchers were given in. */
  watchers(): readonly Readonly<WatcherSummary>[] {
    return [...this.byName.values()];
  }
}
