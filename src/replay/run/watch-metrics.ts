// This file keeps the gauges and counters that etcd has of its watches (server/storage/mvcc/metrics.go), under etcd's
// own names.
//
// Differs from etcd: a watcher that compaction cancels leaves the gauges at once, not when its client has answered; and
// pending are only events that no filter has taken, so that the gauge comes back to 0.

import type { Group } from '../../watch/watcher.js';

export const METRICS = {
  watchStreams: 'etcd_debugging_mvcc_watch_stream_total',
  watchers: 'etcd_debugging_mvcc_watcher_total',
  /** The unsynced watchers and the victims. */
  slowWatchers: 'etcd_debugging_mvcc_slow_watcher_total',
  /** The events that wait in streams. */
  pendingEvents: 'etcd_debugging_mvcc_pending_events_total',
  /** The bytes that the events hold which wait in streams, of victims, and of a pass. etcd has no such gauge. */
  pendingBytes: 'mvccw_watch_pending_event_bytes',
  /** The events that were taken off streams, which only ever grows. */
  events: 'etcd_debugging_mvcc_events_total',
} as const;

export type Metric = keyof typeof METRICS;
export type MetricValues = Readonly<Record<Metric, number>>;

const none = (): Record<Metric, number> => ({
  watchStreams: 0,
  watchers: 0,
  slowWatchers: 0,
  pendingEvents: 0,
  pendingBytes: 0,
  events: 0,
});

export class WatchMetrics {
  private readonly now = none();
  private readonly highest = none();

  get values(): MetricValues {
    return { ...this.now };
  }

  /** The highest value that each has had. */
  get peaks(): MetricValues {
    return { ...this.highest };
  }

  /** Adds to a metric; returns whether it is higher than it ever was. */
  add(metric: Metric, count: number): boolean {
    this.now[metric] += count;
    return this.touch(metric, 0);
  }

  /** Notes that a metric is higher by a count for a moment; returns whether that is higher than it ever was. */
  touch(metric: Metric, count: number): boolean {
    const value = this.now[metric] + count;
    if (value <= this.highest[metric]) return false;
    this.highest[metric] = value;
    return true;
  }

  /** Counts a watcher that changes its group; `from` is undefined for one that was just started. */
  moved(from: Group | undefined, to: Group): void {
    this.add('watchers', alive(to) - alive(from));
    this.add('slowWatchers', slow(to) - slow(from));
  }
}

const alive = (group: Group | undefined): number => (group === undefined || group === 'cancelled' ? 0 : 1);
const slow = (group: Group | undefined): number => (group === 'unsynced' || group === 'victim' ? 1 : 0);
