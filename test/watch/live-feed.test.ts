// Watchers of a store that is looked at only now and then get the same as from a store that reports each transaction:
// all of their events, once, in order and in whole revisions, or a cancel.

import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { LiveFeed } from '../../src/watch/live-feed.js';
import type { Watcher, WatchResponse } from '../../src/watch/watcher.js';
import fc from '../support/fast-check.js';

const KEYS = ['a', 'b', 'c'];

/** The changes of one revision: each is a key to put or, behind a minus sign, a key to delete. */
type Transaction = readonly string[];

type Step =
  | { readonly write: readonly Transaction[] }
  | { readonly look: true }
  /** The distance of the compaction from the newest revision. */
  | { readonly compactBehind: number }
  | { readonly take: number };

const transactions: fc.Arbitrary<Transaction> = fc
  .uniqueArray(fc.constantFrom(...KEYS, ...KEYS.map((key) => `-${key}`)), {
    minLength: 1,
    maxLength: 3,
    selector: (change) => change.replace('-', ''),
  })
  .map((changes) => changes);

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.array(transactions, { minLength: 1, maxLength: 4 }) }) },
  // This write is too long for the watchers to be notified of it.
  { weight: 1, arbitrary: fc.constant({ write: Array.from({ length: 130 }, (_, i) => [KEYS[i % 3]!]) }) },
  { weight: 4, arbitrary: fc.constant<Step>({ look: true }) },
  { weight: 1, arbitrary: fc.record({ compactBehind: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ take: fc.nat(10) }) },
);

function put(store: Store, changes: Transaction): void {
  store.write((txn) => {
    for (const change of changes) {
      if (change.startsWith('-')) txn.deleteRange(change.slice(1));
      else txn.put(change, Buffer.from('v'));
    }
  });
}

class Rig {
  readonly store = new Store(new MemoryBackend());
  readonly received: WatchResponse[] = [];
  readonly feed: LiveFeed;
  private readonly stream;

  constructor(chanBufLen: number) {
    this.feed = new LiveFeed(this.snapshot(), { chanBufLen, maxWatchersPerSync: 512, watchBatchMaxRevs: 5 });
    this.stream = this.feed.engine.openStream();
  }

  /** Returns the store as a reader sees it: the revisions stay the same while others write. */
  private snapshot() {
    const { currentRev, compactRev } = this.store;
    return { currentRev, compactRev, records: (from: number, to: number) => this.store.records(from, to) };
  }

  watch(key: string, startRev: number): Watcher {
    return this.stream.watch({ key, startRev });
  }

  look(): void {
    const { engine } = this.feed;
    this.feed.look(this.snapshot());
    engine.moveVictims();
    engine.syncWatchers();
  }

  take(max: number): void {
    this.received.push(...this.stream.take(max));
  }

  run(step: Step): void {
    if ('write' in step) for (const changes of step.write) put(this.store, changes);
    else if ('look' in step) this.look();
    else if ('take' in step) this.take(step.take);
    else {
      const revision = this.store.currentRev - step.compactBehind;
      if (revision > this.store.compactRev && revision > 0) this.store.compact(revision);
    }
  }

  /** Runs until everything that is committed has been taken. */
  settle(): void {
    for (let quiet = 0; quiet < 3; ) {
      this.look();
      this.take(1000);
      quiet = this.feed.engine.unsyncedCount === 0 && !this.feed.engine.hasVictims ? quiet + 1 : 0;
    }
  }
}

t.test('each watcher gets its events, or a cancel that compaction explains', async (t) => {
  const watches = fc.array(fc.record({ key: fc.constantFrom(...KEYS), startRev: fc.nat(30) }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), watches, fc.array(steps, { maxLength: 30 }), (length, wanted, run) => {
      const rig = new Rig(length);
      // The log keeps all that was ever committed, though compaction may remove it from the store.
      const log: { main: number; key: string }[] = [];
      const watchers = wanted.map(({ key, startRev }) => ({
        key,
        from: Math.max(startRev, 2),
        w: rig.watch(key, startRev),
      }));
      for (const step of run) {
        const before = rig.store.currentRev;
        rig.run(step);
        for (const { main, key } of rig.store.records(before + 1, rig.store.currentRev)) log.push({ main, key });
      }
      rig.settle();
      for (const { key, from, w } of watchers) {
        const mine = rig.received.filter(({ watchId }) => watchId === w.id);
        const cancelled = mine.at(-1)?.via === 'cancel';
        const got = mine.flatMap(({ events }) => events.map(({ kv }) => kv.modRevision));
        const all = log.filter((record) => record.key === key && record.main >= from).map(({ main }) => main);
        if (!cancelled) {
          if (got.join() !== all.join()) throw new Error(`${key} from ${from}: got ${got}, wanted ${all}`);
        } else if (got.join() !== all.slice(0, got.length).join() || mine.at(-1)!.compactRevision <= 0) {
          throw new Error(`${key} from ${from}: got ${got} before the cancel, of ${all}`);
        }
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('a leap, and a small step', async (t) => {
  const rig = new Rig(128);
  const watcher = rig.watch('a', 0);
  put(rig.store, ['a', 'b']);
  put(rig.store, ['a']);
  rig.look();
  rig.take(10);
  t.match(rig.received, [
    { via: 'notify', revision: 2, events: [{}] },
    { via: 'notify', revision: 3, events: [{}] },
  ]);
  for (let i = 0; i < 101; i++) put(rig.store, ['a']);
  rig.feed.look(rig.store);
  t.equal(watcher.group, 'unsynced', 'too far to be notified of each');
});

t.test('compaction between two looks', async (t) => {
  const rig = new Rig(128);
  const behind = rig.watch('a', 0);
  const future = rig.watch('a', 5);
  for (let i = 0; i < 3; i++) put(rig.store, ['a']);
  rig.store.compact(3);
  rig.settle();
  t.match(
    rig.received.filter(({ watchId }) => watchId === behind.id),
    [{ via: 'cancel', compactRevision: 3 }],
  );
  t.equal(future.group, 'synced');
  put(rig.store, ['a']);
  rig.settle();
  t.match(rig.received.at(-1), { watchId: future.id, revision: 5 });
});

t.test('a look may stop at a revision', async (t) => {
  const rig = new Rig(128);
  rig.watch('a', 0);
  for (let i = 0; i < 3; i++) put(rig.store, ['a']);
  rig.feed.look(rig.store, 2);
  rig.take(10);
  t.match(rig.received, [{ revision: 2 }]);
  t.equal(rig.feed.currentRev, 2);
});

t.test('a store that goes back is another one', async (t) => {
  const rig = new Rig(128);
  put(rig.store, ['a']);
  rig.look();
  t.throws(() => rig.feed.look({ currentRev: 1, compactRev: -1, records: () => [] }), {
    code: 'CORRUPT',
    message: 'the database went back from revision 2 to 1',
  });
});
