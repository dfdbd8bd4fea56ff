// Every watcher receives each event once, in order and without a gap, until compaction overtakes it, whatever the order
// of writes, passes, reads and compactions.

import assert from 'node:assert/strict';
import t from 'tap';
import type { WatchEvent } from '../../src/mvcc/record.js';
import type { EventFilter } from '../../src/watch/event-filter.js';
import type { WatchStream } from '../../src/watch/watch-stream.js';
import type { WatchParameters } from '../../src/watch/watchable-history.js';
import { ALL_WATCHERS, type Group, type Watcher, type WatchResponse } from '../../src/watch/watcher.js';
import { rangeEnd } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { holds } from '../support/store-model.js';
import { shortEvent, WatchBench } from '../support/watch-bench.js';

const keys = fc.constantFrom('a', 'b', 'c', 'd');

type Step =
  /** A transaction changes a key at most once, as compaction treats a key that is changed twice in its own way. */
  | { readonly kind: 'write'; readonly changes: readonly { readonly key: string; readonly deletes: boolean }[] }
  | { readonly kind: 'compact'; readonly percent: number }
  | {
      readonly kind: 'watch';
      readonly key: string;
      readonly end: string | undefined;
      /** The start as a percentage of the current revision: 0 is the next revision, and above 100 is the future. */
      readonly percent: number;
      readonly filters: readonly EventFilter[];
      readonly stream: number;
    }
  | { readonly kind: 'cancel' | 'progress'; readonly nth: number }
  | { readonly kind: 'recv'; readonly stream: number; readonly max: number }
  | { readonly kind: 'progressAll'; readonly stream: number }
  | { readonly kind: 'sync' | 'victims' | 'restore' };

const STREAMS = 3;
const stream = fc.nat(STREAMS - 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      changes: fc.uniqueArray(fc.record({ key: keys, deletes: fc.boolean() }), {
        selector: ({ key }) => key,
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), percent: fc.nat(100) }) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        kind: fc.constant('watch' as const),
        key: keys,
        end: rangeEnd(keys),
        percent: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(140)),
        filters: fc.subarray<EventFilter>(['noput', 'nodelete']),
        stream,
      })
      .filter(({ key, end }) => !end || key < end),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancel', 'progress'), nth: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('recv' as const), stream, max: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('progressAll' as const), stream }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('sync', 'victims') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
);

/** The state of a watcher that the test keeps. */
interface Client {
  readonly watcher: Watcher;
  readonly stream: number;
  readonly from: number;
  readonly filters: readonly EventFilter[];
  /** The number of events of `history` that the watcher has received or does not want. */
  seen: number;
  /** The reason why the watcher has ended: its client asked for it, or compaction overtook it. */
  ended: 'no' | 'asked' | 'compacted';
}

class Delivery {
  readonly bench: WatchBench;
  readonly history: WatchEvent[] = [];
  readonly clients: Client[] = [];
  private readonly streams: WatchStream[];
  private readonly groups = new Map<Watcher, Group>();
  /** The clients that each progress response of a stream speaks for, in order of the responses. */
  private readonly progressOf: Client[][][];

  constructor(private readonly parameters: WatchParameters) {
    this.bench = new WatchBench(parameters, {
      onGroupChange: (watcher, { from, to }) => {
        assert.equal(from, this.groups.get(watcher), 'the group it was told of before');
        assert.equal(to, watcher.group);
        this.groups.set(watcher, to);
      },
    });
    this.streams = Array.from({ length: STREAMS }, () => this.bench.engine.openStream());
    this.progressOf = this.streams.map(() => []);
  }

  run(step: Step): void {
    const { store, engine } = this.bench;
    switch (step.kind) {
      case 'write': {
        const committed = store.write((txn) => {
          for (const { key, deletes } of step.changes) {
            if (deletes) txn.deleteRange(key);
            else txn.put(key, Buffer.from('v'));
          }
        });
        this.history.push(...committed.events);
        if (committed.events.length > 0) engine.notify(committed.revision, committed.events);
        break;
      }
      case 'compact': {
        const rev = Math.round((store.currentRev * step.percent) / 100);
        if (rev > Math.max(store.compactRev, 0)) store.compact(rev);
        break;
      }
      case 'watch': {
        const startRev = Math.round((store.currentRev * step.percent) / 100);
        const { key, end, filters, stream } = step;
        const watcher = this.streams[stream]!.watch({ key, end, filters, startRev });
        const from = startRev === 0 ? store.currentRev + 1 : startRev;
        this.clients.push({ watcher, stream, from, filters, seen: 0, ended: 'no' });
        break;
      }
      case 'cancel': {
        const client = this.clients[step.nth];
        if (client?.ended === 'no') this.cancel(client, 'asked');
        break;
      }
      case 'progress': {
        const client = this.clients[step.nth];
        if (client === undefined) break;
        this.asking(client.stream, [client], () => this.streams[client.stream]!.requestProgress(client.watcher.id));
        break;
      }
      case 'progressAll': {
        const live = this.clients.filter((client) => client.stream === step.stream && client.ended === 'no');
        this.asking(step.stream, live, () => this.streams[step.stream]!.requestProgressAll());
        break;
      }
      case 'recv':
        this.receive(step.stream, step.max);
        break;
      case 'sync':
        assert.equal(engine.syncWatchers(), engine.unsyncedCount);
        break;
      case 'victims':
        engine.moveVictims();
        break;
      case 'restore':
        engine.restore();
        break;
    }
    this.checkGroups();
  }

  private asking(stream: number, clients: Client[], ask: () => void): void {
    const before = this.streams[stream]!.queued;
    ask();
    if (this.streams[stream]!.queued > before) this.progressOf[stream]!.push(clients);
  }

  private cancel(client: Client, ended: 'asked' | 'compacted'): void {
    this.streams[client.stream]!.cancel(client.watcher.id);
    client.ended = ended;
  }

  private checkGroups(): void {
    const { engine } = this.bench;
    const of = (group: Group) => this.clients.filter(({ watcher }) => watcher.group === group).length;
    assert.equal(engine.unsyncedCount, of('unsynced'));
    if (of('victim') > 0) assert(engine.hasVictims);
    for (const stream of this.streams) assert(stream.queued <= this.parameters.chanBufLen, 'more than a stream holds');
  }

  private wanted({ watcher, from, filters }: Client, { type, kv }: WatchEvent): boolean {
    return (
      kv.modRevision >= from &&
      holds(watcher.key, watcher.end, kv.key) &&
      !filters.includes(type === 'PUT' ? 'noput' : 'nodelete')
    );
  }

  /** Returns the event that the client should get next, and skips those that it does not want. */
  private next(client: Client): WatchEvent | undefined {
    while (client.seen < this.history.length && !this.wanted(client, this.history[client.seen]!)) client.seen++;
    return this.history[client.seen];
  }

  private receive(stream: number, max?: number): void {
    for (const response of this.streams[stream]!.take(max)) this.receiveOne(stream, response);
  }

  private receiveOne(stream: number, response: WatchResponse): void {
    if (response.via === 'progress') {
      const clients = this.progressOf[stream]!.shift()!;
      assert(response.watchId === ALL_WATCHERS || clients[0]?.watcher.id === response.watchId);
      assert.deepEqual([response.events, response.compactRevision], [[], 0]);
      for (const client of clients.filter(({ ended }) => ended === 'no')) {
        const next = this.next(client);
        assert(!next || next.kv.modRevision > response.revision, 'progress overtook an event');
      }
      return;
    }
    const client = this.clients.find(({ watcher }) => watcher.id === response.watchId && this.isOn(watcher, stream));
    assert(client !== undefined);
    if (response.via === 'cancel') {
      assert.deepEqual([response.events, response.revision], [[], 0]);
      assert(client.watcher.minRev < response.compactRevision, 'cancelled without need');
      assert(response.compactRevision <= this.bench.store.compactRev);
      if (client.ended === 'no') this.cancel(client, 'compacted');
      return;
    }
    assert(response.events.length > 0, 'an empty response');
    assert.equal(response.compactRevision, 0);
    const revisions = new Set<number>();
    for (const event of response.events) {
      assert.equal(shortEvent(event), shortEvent(this.next(client)!), 'the next event');
      client.seen++;
      revisions.add(event.kv.modRevision);
    }
    assert(revisions.size <= (response.via === 'notify' ? 1 : this.parameters.watchBatchMaxRevs), 'too many revisions');
    const last = response.events[response.events.length - 1]!.kv.modRevision;
    assert(response.revision >= last, 'the store had come so far');
    const next = this.next(client);
    assert(next === undefined || next.kv.modRevision > last, 'a revision in two responses');
  }

  private isOn(watcher: Watcher, stream: number): boolean {
    return watcher.stream === this.streams[stream];
  }

  /** Runs everything until nothing is left to do, after which every client has all of its events. */
  finish(): void {
    const { engine } = this.bench;
    for (let round = 0; engine.unsyncedCount > 0 || engine.hasVictims || this.isQueued(); round++) {
      assert(round < 1000, 'it does not come to an end');
      for (let stream = 0; stream < STREAMS; stream++) this.receive(stream);
      engine.moveVictims();
      engine.syncWatchers();
    }
    for (const client of this.clients) {
      const { watcher, ended } = client;
      if (ended !== 'no') {
        assert.equal(watcher.group, 'cancelled');
      } else {
        assert.equal(this.next(client), undefined, 'events that never came');
        assert.equal(watcher.group, 'synced');
      }
    }
  }

  private isQueued(): boolean {
    return this.streams.some(({ queued }) => queued > 0);
  }
}

function deliver(steps: readonly Step[], parameters: WatchParameters): Delivery {
  const delivery = new Delivery(parameters);
  for (const step of steps) delivery.run(step);
  delivery.finish();
  return delivery;
}

const parameters: fc.Arbitrary<WatchParameters> = fc.record({
  chanBufLen: fc.integer({ min: 1, max: 4 }),
  maxWatchersPerSync: fc.constantFrom(1, 2, 3, 512),
  watchBatchMaxRevs: fc.constantFrom(1, 2, 3, 1000),
});

t.test('property: each event once, in order, without a gap', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), parameters, (steps, parameters) => {
      deliver(steps, parameters);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

t.test('property: without compaction nobody is cancelled, however slow', async (t) => {
  const steps = fc.array(
    step.filter(({ kind }) => kind !== 'compact' && kind !== 'cancel'),
    { maxLength: 60, size: 'max' },
  );
  fc.assert(
    fc.property(steps, parameters, (steps, parameters) => {
      const { clients } = deliver(steps, parameters);
      assert(clients.every(({ ended }) => ended === 'no'));
    }),
    { numRuns: 100 },
  );
  t.pass();
});

t.test('the steps reach what they are to reach', async (t) => {
  const counts = { compacted: 0, victim: 0, unsynced: 0, asked: 0 };
  for (const [steps, parameters_] of fc.sample(fc.tuple(fc.array(step, { maxLength: 60, size: 'max' }), parameters), {
    seed: 1,
    numRuns: 200,
  })) {
    const delivery = new Delivery(parameters_);
    for (const one of steps) {
      delivery.run(one);
      for (const { watcher } of delivery.clients) {
        if (watcher.group === 'victim' || watcher.group === 'unsynced') counts[watcher.group]++;
      }
    }
    delivery.finish();
    for (const { ended } of delivery.clients) if (ended !== 'no') counts[ended]++;
  }
  for (const [what, count] of Object.entries(counts)) t.ok(count > 20, `${what}: ${count}`);
});
