// Counts the bytes of the events that a server holds for its watches: those of responses that wait in streams, those of
// victims, and, while a sync pass runs, those of its batches. An event counts as the bytes of its record in protobuf; what
// Go needs beside them is not known here.
//
// The watchers that one transaction, or one pass, reaches share its events, as in etcd, so that an event is counted once
// in all. In the figures of the streams it counts for each stream that holds it.

import type { WatchEvent } from '../../mvcc/record.js';
import { recordBytes } from '../../watch/response-size.js';
import type { WatchMetrics } from './watch-metrics.js';

/** An event that is held, and how often. */
interface Held {
  readonly bytes: number;
  holders: number;
}

/** What one stream holds. */
export interface StreamMemory {
  bytes: number;
  peakBytes: number;
}

export class PendingMemory {
  private readonly held = new Map<WatchEvent, Held>();
  private readonly byStream = new Map<string, StreamMemory>();
  private highestUs = 0;

  constructor(
    private readonly metrics: Pick<WatchMetrics, 'add' | 'touch'>,
    private readonly now: () => number,
  ) {}

  /** The time when the most was held for the first time. */
  get peakUs(): number {
    return this.highestUs;
  }

  ofStream(name: string): StreamMemory {
    let memory = this.byStream.get(name);
    if (memory === undefined) {
      memory = { bytes: 0, peakBytes: 0 };
      this.byStream.set(name, memory);
    }
    return memory;
  }

  /**
   * Notes events that a stream holds from now on. With `moved` they were held before, and are about to be released there,
   * so that they do not count for the peak.
   */
  hold(stream: string, events: readonly WatchEvent[], moved = false): void {
    if (events.length === 0) return;
    const memory = this.ofStream(stream);
    let added = 0;
    for (const event of events) {
      let held = this.held.get(event);
      if (held === undefined) {
        held = { bytes: recordBytes(event.kv), holders: 0 };
        this.held.set(event, held);
        added += held.bytes;
      }
      held.holders++;
      memory.bytes += held.bytes;
    }
    if (!moved) memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
    if (added > 0 && this.metrics.add('pendingBytes', added)) this.highestUs = this.now();
  }

  /** Notes that a stream holds events no longer. */
  release(stream: string, events: readonly WatchEvent[]): void {
    if (events.length === 0) return;
    const memory = this.ofStream(stream);
    let removed = 0;
    for (const event of events) {
      const held = this.held.get(event)!;
      memory.bytes -= held.bytes;
      if (--held.holders > 0) continue;
      this.held.delete(event);
      removed += held.bytes;
    }
    memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
    if (removed > 0) this.metrics.add('pendingBytes', -removed);
  }

  /** Notes the batches of a sync pass, which are there beside what is held. */
  pass(bytes: number): void {
    if (this.metrics.touch('pendingBytes', bytes)) this.highestUs = this.now();
  }
}
