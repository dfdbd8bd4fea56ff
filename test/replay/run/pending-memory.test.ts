import t, { type Test } from 'tap';
import { encodeKeyValue } from '../../../src/mvcc/key-value.js';
import type { WatchEvent } from '../../../src/mvcc/record.js';
import { parseSize, SIZE_PATTERN } from '../../../src/replay/run/byte-size.js';
import { PendingMemory } from '../../../src/replay/run/pending-memory.js';
import { replay } from '../../../src/replay/run/replay.js';
import { WatchEngine } from '../../../src/watch/watch-engine.js';
import type { WatchStream } from '../../../src/watch/watch-stream.js';
import type { WatchResponse } from '../../../src/watch/watcher.js';
import { draws, random, SEED } from '../../support/random.js';
import { openScenario, runScenario } from '../../support/run-scenario.js';

/** What the fields of these classes hold, for a count from scratch. */
interface Inside {
  readonly queue: { readonly items: readonly (WatchResponse | undefined)[]; readonly head: number };
  readonly victims: readonly ReadonlyMap<{ stream: WatchStream }, { readonly events: readonly WatchEvent[] }>[];
  readonly metrics: { readonly values: { readonly pendingBytes: number } };
  readonly byStream: ReadonlyMap<string, { readonly bytes: number; readonly peakBytes: number }>;
}
const inside = (object: unknown) => object as Inside;

/** Counts what is held, by what the streams and the engines of a replay hold. */
class Recount {
  readonly engines = new Set<WatchEngine>();
  readonly streams = new Set<WatchStream>();
  memory: PendingMemory | undefined;

  count(): { readonly all: number; readonly streams: readonly number[] } {
    const shared = new Set<WatchEvent>();
    const byStream = new Map<WatchStream, number>();
    const hold = (stream: WatchStream, events: readonly WatchEvent[]) => {
      for (const event of events) {
        shared.add(event);
        byStream.set(stream, (byStream.get(stream) ?? 0) + encodeKeyValue(event.kv).length);
      }
    };
    for (const stream of this.streams) {
      const { items, head } = inside(stream).queue;
      for (const response of items.slice(head)) hold(stream, response!.events);
    }
    for (const engine of this.engines) {
      for (const batches of inside(engine).victims) {
        for (const [{ stream }, { events }] of batches) hold(stream, events);
      }
    }
    const all = [...shared].reduce((sum, { kv }) => sum + encodeKeyValue(kv).length, 0);
    return { all, streams: sorted(byStream.values()) };
  }
}

const sorted = (numbers: Iterable<number>): number[] => [...numbers].filter((n) => n > 0).sort((a, b) => a - b);

/** Watches the objects of the next replay. */
function recounting(t: Test): Recount {
  const recount = new Recount();
  t.intercept(WatchEngine.prototype, 'openStream', {
    value(this: WatchEngine, ...args: Parameters<WatchEngine['openStream']>) {
      recount.engines.add(this);
      const stream = openStream.apply(this, args);
      recount.streams.add(stream);
      return stream;
    },
  });
  t.intercept(PendingMemory.prototype, 'hold', {
    value(this: PendingMemory, ...args: Parameters<PendingMemory['hold']>) {
      recount.memory = this;
      hold.apply(this, args);
    },
  });
  return recount;
}
const { openStream } = WatchEngine.prototype;
const { hold } = PendingMemory.prototype;

/** Draws a scenario with slow clients, small streams, lost connections, compactions and restarts. */
function drawn(below: (n: number) => number): string {
  const ms = () => `${below(1500)}ms`;
  const names = ['a', 'b', 'c', 'd'].slice(0, 1 + below(4));
  const watchers = names.map((name) => {
    const more = [
      ...(below(2) === 0 ? [`rev: ${1 + below(60)}`] : ['rev: 0']),
      ...(below(3) === 0 ? [`filter: [${below(2) === 0 ? 'put' : 'delete'}]`] : []),
      ...(below(3) === 0 ? ['stream: shared'] : []),
      ...(below(3) === 0 ? ['prevKv: true'] : []),
      ...(below(3) === 0 ? ['fragment: true'] : []),
    ];
    return `{name: ${name}, key: ${below(2) === 0 ? '/, prefix: true' : '/k1'}, ${more.join(', ')}}`;
  });
  const pace = () =>
    ['atOnce', 'never', `{every: ${1 + below(200)}ms}`, `{eventsPerSecond: ${1 + below(400)}}`][below(4)];
  const used = new Set(watchers.map((text, i) => (text.includes('stream: shared') ? 'shared' : names[i]!)));
  const streams = [...used].map((name) => {
    const loses = below(2) === 0 ? `, disconnectAt: [${ms()}], reconnectAfter: ${ms()}` : '';
    return `${name}: {consumer: ${pace()}${loses}}`;
  });
  const actions = Array.from({ length: below(6) }, () => {
    const what = ['restart: clean', 'restore: true', `compact: {behind: ${below(30)}}`, `cancel: ${names[0]}`];
    return `{at: ${ms()}, ${what[below(what.length)]}}`;
  });
  const release = ['3.4.9', '3.5.7', '3.5.12', '3.6.0', '3.6.9'][below(5)];
  return `
history:
  commits:
    - {put: {key: /k1, value: "v{i}"}, repeat: ${1 + below(60)}}
    - {txn: [{put: {key: /k1, value: longer}}, {put: {key: /k2}}], repeat: ${1 + below(40)}}
    - {delete: {key: /k1}}
    - {put: {key: /k3, value: "${'x'.repeat(below(300))}"}, repeat: ${1 + below(30)}}
base: ${1 + below(4)}
arrivals: {perSecond: ${20 + below(200)}}
watchers: [${watchers.join(', ')}]
streams: {${streams.join(', ')}}
actions: [${actions.join(', ')}]
parameters: {chanBufLen: ${1 + below(4)}, watchBatchMaxRevs: ${1 + below(20)}, maxRequestBytes: ${below(3) === 0 ? 200 : 100000}}
etcd: ${release}
until: 4s
`;
}

t.test('what is held, counted from scratch after every step', (t) => {
  const below = random(SEED);
  let held = 0;
  let ran = 0;
  for (let run = 0; run < draws(15, 1000); run++) {
    const yaml = drawn(below);
    const recount = recounting(t);
    const { opened, plan } = openScenario(yaml);
    const peaks = { all: 0, stream: 0 };
    for (const entry of replay(opened.store, plan.options)) {
      const counted = recount.count();
      peaks.all = Math.max(peaks.all, counted.all);
      peaks.stream = Math.max(peaks.stream, ...counted.streams);
      const { memory } = recount;
      const all = memory === undefined ? 0 : inside(memory).metrics.values.pendingBytes;
      const streams =
        memory === undefined ? [] : sorted([...inside(memory).byStream.values()].map(({ bytes }) => bytes));
      if (all !== counted.all || streams.join() !== counted.streams.join()) {
        t.strictSame({ all, streams }, counted, `${entry.kind} at ${entry.timeUs} in ${yaml}`);
        t.end();
        return;
      }
      ran++;
      if (entry.kind !== 'end') continue;
      const highest = Math.max(...entry.streams.map(({ peakBytes }) => peakBytes));
      t.ok(entry.metrics.peak.pendingBytes >= peaks.all, 'the peak is not below what was seen');
      t.ok(highest >= peaks.stream, 'nor is that of the streams');
    }
    if (peaks.all > 0) held++;
  }
  t.ok(held > draws(15, 1000) / 2, `${held} of the scenarios held something, in ${ran} steps`);
  t.end();
});

const BYTES = encodeKeyValue({
  key: '/a',
  createRevision: 2,
  modRevision: 3,
  version: 3,
  value: Buffer.alloc(1000),
  lease: 0n,
}).length;
const WRITTEN = `
history: {commits: [{put: {key: /a, value: "${'x'.repeat(1000)}"}, repeat: 10}]}
arrivals: {perSecond: 10}
`;

t.test('watchers share the events of a transaction, and of a pass', (t) => {
  const watchers = 'watchers: [{name: one, key: /a, rev: 2}, {name: two, key: /, prefix: true, rev: 2}]';
  const late = runScenario(`${WRITTEN}${watchers}\nbase: 1\nstreams: {one: {consumer: never}, two: {consumer: never}}`);
  t.match(late.summary, {
    memory: { peakBytes: 10 * BYTES, peakUs: 1_000_000 },
    streams: [{ stream: 'one', peakBytes: 10 * BYTES }, { peakBytes: 10 * BYTES }],
    metrics: { atEnd: { pendingBytes: 10 * BYTES } },
  });
  const pass = runScenario(`${WRITTEN}${watchers}\nbase: 11`);
  t.match(
    pass.summary,
    { memory: { peakBytes: 10 * BYTES, peakUs: 0 }, streams: [{ peakBytes: 0 }, { peakBytes: 0 }] },
    'clients that take at once leave nothing in a stream, but a pass holds its batches',
  );
  const atOnce = runScenario(`${WRITTEN}${watchers}\nbase: 1`);
  t.match(atOnce.summary.memory, { peakBytes: 0, peakUs: 0 });
  t.end();
});

t.test('a limit of memory', (t) => {
  const slow = `${WRITTEN}
watchers: [{name: one, key: /a, rev: 2}]
streams: {one: {consumer: {every: 350ms}}}
base: 1
`;
  const { summary, exceeded, troubles } = runScenario(`${slow}limits: {memory: 2.5kB}\n`);
  const { peakBytes } = summary.memory;
  t.strictSame(exceeded, [
    { watcher: '*', limit: 'memoryBytes', allowed: 2500, found: peakBytes, timeUs: summary.memory.peakUs },
  ]);
  t.match(troubles, [{ rule: 'memoryBytes' }]);
  t.strictSame(runScenario(`${slow}limits: {memory: ${peakBytes}B}\n`).exceeded, [], 'the limit itself is allowed');
  t.throws(() => runScenario(`${slow}limits: {memory: 12}\n`), { code: 'USAGE' }, 'a number without a unit');
  t.end();
});

t.test('sizes', (t) => {
  const sizes = { '4096B': 4096, '1.5kB': 1500, '1KiB': 1024, '64MiB': 67_108_864, '1.5GB': 1.5e9, '0B': 0 };
  for (const [text, bytes] of Object.entries(sizes)) {
    t.ok(new RegExp(SIZE_PATTERN).test(text), text);
    t.equal(parseSize(text), bytes, text);
  }
  for (const text of ['4096', '1.5B', 'MB', '-1kB', '1TB', '1 MB']) t.notOk(new RegExp(SIZE_PATTERN).test(text), text);
  t.end();
});

t.test('messages above what most clients take', (t) => {
  const yaml = (more: string) => `
history: {commits: [{put: {key: /a, value: "${'x'.repeat(1_500_000)}"}, repeat: 3}]}
watchers: [{name: one, key: /a, rev: 2${more}}]
`;
  const { summary, entries } = runScenario(yaml(''));
  const [one] = summary.watchers;
  t.match(one, { largeMessages: 1, maxMessageRevision: 4 });
  t.match(
    entries.filter(({ kind }) => kind === 'response'),
    [{ bytes: one!.maxMessageBytes, messages: 1 }],
  );
  t.ok(one!.maxMessageBytes > 4_500_000);
  const cut = runScenario(yaml(', fragment: true'));
  t.match(cut.summary.watchers, [{ largeMessages: 0 }]);
  t.ok(cut.summary.watchers[0]!.maxMessageBytes < 2_097_152);
  t.end();
});
