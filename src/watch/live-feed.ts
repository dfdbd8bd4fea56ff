// Feeds the watch engine with a store that other processes write to: what was committed between two looks reaches
// synced watchers one revision after the other, as if the engine had been told of each at once.
//
//   looks at revisions       40                 43                        5000
//   synced watchers          ──→ notify 41, 42, 43    looks again: unsynced, then pass by pass from the history
//
// The second way takes no more memory for a leap of a million revisions than for one of a thousand. It is taken, too,
// when compaction may have dropped a part of what lies between.

import { MvccwError } from '../errors.js';
import { eventOf, type StoredRecord, type WatchEvent } from '../mvcc/record.js';
import { WatchEngine } from './watch-engine.js';
import type { WatchableHistory, WatchParameters } from './watchable-history.js';

/** Below the capacity of a stream, so that notifications do not fill an empty one. */
const MAX_NOTIFIED_REVS = 100;

export class LiveFeed {
  readonly engine: WatchEngine;
  private seenRev: number;

  /** Begins with what the store stands at; it and those given to `look` stand still at one moment. */
  constructor(
    private store: WatchableHistory,
    parameters?: WatchParameters,
  ) {
    this.seenRev = store.currentRev;
    const feed = this;
    this.engine = new WatchEngine(
      {
        get currentRev() {
          return feed.seenRev;
        },
        get compactRev() {
          return feed.store.compactRev;
        },
        records: (fromMain, toMain) => feed.store.records(fromMain, toMain),
      },
      parameters,
    );
  }

  /** What the engine knows to be the newest revision. */
  get currentRev(): number {
    return this.seenRev;
  }

  /** Reads from `store` from now on, and tells the engine what is new in it up to `toRev`. */
  look(store: WatchableHistory, toRev = store.currentRev): void {
    const before = this.seenRev;
    if (store.currentRev < before) {
      throw new MvccwError('CORRUPT', `the database went back from revision ${before} to ${store.currentRev}`, {
        hint: 'another database has taken its place: watch that one from its own revisions on',
      });
    }
    this.store = store;
    this.seenRev = Math.max(before, toRev);
    if (this.seenRev === before) return;
    if (this.seenRev - before > MAX_NOTIFIED_REVS || store.compactRev > before + 1) {
      this.engine.restore();
      return;
    }
    for (const events of revisions(store.records(before + 1, this.seenRev))) {
      this.engine.notify(events[0]!.kv.modRevision, events);
    }
  }
}

/** The events of each revision. */
function* revisions(records: Iterable<StoredRecord>): Iterable<WatchEvent[]> {
  let main = 0;
  let events: WatchEvent[] = [];
  for (const record of records) {
    if (record.main !== main && events.length > 0) {
      yield events;
      events = [];
    }
    main = record.main;
    events.push(eventOf(record));
  }
  if (events.length > 0) yield events;
}
