// A live feed gives the watch engine a store that other processes write to. What they commit between two looks reaches
// the synced watchers one revision after the other, as if the engine had been told of each at once.
//
//   looks at revisions       40                 43                        5000
//   synced watchers          ──→ notify 41, 42, 43    looks again: unsynced, then pass by pass from the history
//
// The second way takes no more memory for a million revisions than for a thousand. The feed also goes that way when
// compaction may have dropped some of the revisions between.

import { MvccwError } from '../errors.js';
import { eventOf, type StoredRecord, type WatchEvent } from '../mvcc/record.js';
import { WatchEngine } from './watch-engine.js';
import type { WatchableHistory, WatchParameters } from './watchable-history.js';

/** The limit lies below the capacity of a stream, so that notifications do not fill an empty one. */
const MAX_NOTIFIED_REVS = 100;

export class LiveFeed {
  readonly engine: WatchEngine;
  private seenRev: number;

  /** The feed begins where the store stands. The store does not change, and nor do those that are given to `look`. */
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

  /** The newest revision that the engine knows. */
  get currentRev(): number {
    return this.seenRev;
  }

  /** Tells the engine what is new in `store` up to `toRev`, and reads from this store from now on. */
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

/** Yields the events of each revision. */
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
