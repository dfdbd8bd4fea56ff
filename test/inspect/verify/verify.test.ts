import t from 'tap';
import { StreamReader } from '../../../src/inspect/verify/read-stream.js';
import type { KnownRequest } from '../../../src/inspect/verify/recorded.js';
import { VerifyTotals } from '../../../src/inspect/verify/totals.js';
import type { VerifiedWatch } from '../../../src/inspect/verify/verified-watch.js';
import { Verifier, type VerifyFinding } from '../../../src/inspect/verify/verify.js';
import { WatchedGuess } from '../../../src/inspect/verify/watched-guess.js';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import type { KeyValue } from '../../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { eventOf } from '../../../src/mvcc/record.js';
import { Store } from '../../../src/mvcc/store.js';
import type { DeliveredEvent } from '../../../src/watch/prev-kv.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

interface Response {
  readonly events: readonly DeliveredEvent[];
  readonly revision: number;
}

interface Stream {
  readonly store: Store;
  readonly responses: readonly Response[];
}

const KEYS = ['a', 'b', 'c', 'd\xff', 'e"lease":12345678901234567'];

/** A transaction changes each key at most once, as etcd has it. */
const transaction = fc.uniqueArray(
  fc.record({ key: fc.nat(KEYS.length - 1), deletes: fc.boolean(), bytes: fc.constantFrom(0, 1, 30) }),
  { minLength: 1, maxLength: 3, selector: ({ key }) => key },
);

function storeOf(transactions: readonly { key: number; deletes: boolean; bytes: number }[][]): Store {
  const store = new Store(new MemoryBackend());
  const lease = 0x7fff_0123_4567_89abn;
  store.grantLease(lease, 60);
  for (const changes of transactions) {
    store.write((txn) => {
      for (const { key, deletes, bytes } of changes) {
        const name = KEYS[key]!;
        if (deletes) txn.deleteRange(name);
        else txn.put(name, Buffer.alloc(bytes, store.currentRev), bytes === 1 ? lease : 0n);
      }
    });
  }
  return store;
}

/** Returns the events of a store from a revision on, each with the record before. */
function eventsOf(store: Store, fromRev: number): DeliveredEvent[] {
  return [...store.records(fromRev, store.currentRev)].map((record) => {
    const event = eventOf(record);
    const { key, modRevision, createRevision } = event.kv;
    const isCreation = event.type === 'PUT' && createRevision === modRevision;
    const prevKv = isCreation ? undefined : store.range({ key, rev: modRevision - 1 }).kvs[0];
    return prevKv === undefined ? event : { ...event, prevKv };
  });
}

/** Cuts events into responses of whole revisions; `cuts` says how many each has. */
function responsesOf(events: readonly DeliveredEvent[], cuts: readonly number[]): Response[] {
  const revisions = [...new Set(events.map(({ kv }) => kv.modRevision))];
  const responses: Response[] = [];
  for (let at = 0, i = 0; at < revisions.length; i++) {
    const taken = revisions.slice(at, at + cuts[i % cuts.length]!);
    at += taken.length;
    responses.push({ events: events.filter(({ kv }) => taken.includes(kv.modRevision)), revision: taken.at(-1)! });
  }
  return responses;
}

const stream: fc.Arbitrary<Stream> = fc
  .tuple(
    fc.array(transaction, { minLength: 12, maxLength: 30 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
  )
  .map(([transactions, cuts]) => {
    const store = storeOf(transactions);
    return { store, responses: responsesOf(eventsOf(store, 2), cuts) };
  });

const base64 = (bytes: string | Buffer) => Buffer.from(bytes as string, 'latin1').toString('base64');

function kvText(kv: KeyValue, quote: string): string {
  const number = (name: string, value: number | bigint) =>
    Number(value) === 0 ? '' : `,"${name}":${quote}${value}${quote}`;
  const numbers = `${number('create_revision', kv.createRevision)}${number('mod_revision', kv.modRevision)}${number('version', kv.version)}`;
  return `{"key":"${base64(kv.key)}"${numbers},"value":"${kv.value.toString('base64')}"${number('lease', kv.lease)}}`;
}

const eventText = ({ type, kv, prevKv }: DeliveredEvent, quote: string, deletes: string) =>
  `{${type === 'DELETE' ? `"type":${deletes},` : ''}"kv":${kvText(kv, quote)}${prevKv === undefined ? '' : `,"prev_kv":${kvText(prevKv, quote)}`}}`;

const etcdctlText = ({ events, revision }: Response) =>
  `{"Header":{"member_id":12345678901234567890,"revision":${revision}},"Events":[${events.map((event) => eventText(event, '', '1')).join(',')}],"CompactRevision":0,"Canceled":false,"Created":false}`;

/** A value of 20 bytes or more is there only as its hash, in etcd's robustness tests. */
function valueJson(value: Buffer): object {
  if (value.length < 20) return { Value: value.toString('utf8') };
  let hash = 0x811c9dc5n;
  for (const byte of value) hash = BigInt.asUintN(32, (hash ^ BigInt(byte)) * 0x01000193n);
  return { Hash: Number(hash) };
}

const utf8Of = (latin1: string) => Buffer.from(latin1, 'latin1').toString('utf8');

function toldJson({ type, kv, prevKv }: DeliveredEvent): object {
  return {
    Type: type === 'PUT' ? 'put-operation' : 'delete-operation',
    Key: utf8Of(kv.key),
    Value: valueJson(kv.value),
    Revision: kv.modRevision,
    IsCreate: type === 'PUT' && kv.createRevision === kv.modRevision,
    PrevValue: prevKv && { Value: valueJson(prevKv.value), ModRevision: prevKv.modRevision, Version: prevKv.version },
  };
}

/** A form of recorded streams, and where in it a response stands. */
interface Form {
  readonly request: KnownRequest;
  text(responses: readonly Response[]): string;
  place(index: number): object;
}

const RANGE = { ...WHOLE_KEY_SPACE };
const ASKED = { range: RANGE, startRev: 2, prevKv: true };
const line = (index: number) => ({ line: index + 1 });

const FORMS: Readonly<Record<string, Form>> = {
  etcdctl: {
    request: ASKED,
    text: (responses) => responses.map((response) => `${etcdctlText(response)}\n`).join(''),
    place: line,
  },
  gateway: {
    request: ASKED,
    text: (responses) =>
      responses
        .map(
          ({ events, revision }) =>
            `{"result":{"header":{"revision":"${revision}"},"events":[${events.map((event) => eventText(event, '"', '"DELETE"')).join(',')}]}}\n`,
        )
        .join(''),
    place: line,
  },
  replay: {
    request: {},
    text: (responses) =>
      [
        `{"schema":1,"kind":"request","watcher":"w","stream":"s","key":"AA==","rangeEnd":"","startRev":2,"filters":[],"prevKv":true}`,
        ...responses.map(
          (response) =>
            `{"schema":1,"kind":"response","watcher":"w","stream":"s","via":"sync","response":${etcdctlText(response)}}`,
        ),
      ].join('\n'),
    place: (index) => ({ line: index + 2 }),
  },
  robustness: {
    request: {},
    text: (responses) =>
      `[${JSON.stringify({
        Request: { Key: '', Revision: 2, WithPrefix: true, WithProgressNotify: false, WithPrevKV: true },
        Responses: responses.map(({ events, revision }) => ({
          Events: events.map(toldJson),
          IsProgressNotify: false,
          Revision: revision,
          Time: 1,
        })),
      })}]`,
    place: (index) => ({ line: 1, response: index + 1 }),
  },
};

interface Verified {
  readonly findings: readonly VerifyFinding[];
  readonly watches: readonly VerifiedWatch[];
  readonly totals: VerifyTotals;
  readonly cutAt: number | undefined;
}

/** Reads a text in pieces of so many bytes. */
function verify(store: Store, text: string, request: KnownRequest, pieceBytes = 7): Verified {
  const read = function* (reader: StreamReader) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += pieceBytes) yield* reader.push(bytes.subarray(at, at + pieceBytes));
  };
  const guess = new WatchedGuess();
  for (const item of read(new StreamReader())) guess.add(item);
  const reader = new StreamReader();
  const options = { request, guess: (watch: string) => guess.requestOf(watch), compactedRev: store.compactRev };
  const verifier = new Verifier(store, options);
  for (const item of read(reader)) verifier.add(item);
  verifier.finish();
  const totals = new VerifyTotals();
  totals.hiddenValues = verifier.hiddenValues;
  const [findings, watches] = [verifier.takeFindings(), verifier.takeWatches()];
  for (const finding of findings) totals.addFinding(finding);
  for (const watch of watches) totals.addWatch(watch);
  return { findings, watches, totals, cutAt: reader.cutAt };
}

const brief = (finding: VerifyFinding) =>
  finding.kind === 'gap'
    ? { place: finding.place, gap: finding.gap }
    : { place: finding.place, guarantee: finding.violation.guarantee, revision: finding.violation.revision };

for (const [name, { request, text }] of Object.entries(FORMS)) {
  t.test(`${name}: a clean stream`, (t) => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 5000 }), ({ store, responses }, pieceBytes) => {
        const { findings, watches, totals } = verify(store, text(responses), request, pieceBytes);
        t.strictSame(findings.map(brief), []);
        const events = responses.flatMap((response) => response.events).length;
        t.match(watches, [{ events, responses: responses.length, fromRev: 2, assumed: [] }]);
        t.ok(totals.isComplete);
      }),
      { numRuns: draws(6, 300) },
    );
    t.end();
  });
}

/** A break of a guarantee: what becomes of the responses, and what has to be found, where. */
interface Break {
  readonly guarantee: string;
  /** The index of the response in which it shows. */
  readonly at: number;
  readonly responses: readonly Response[];
}

type Breaker = (responses: readonly Response[], pick: number) => Break | undefined;

const withEvents = (responses: readonly Response[], at: number, events: readonly DeliveredEvent[]): Response[] =>
  responses.map((response, i) => (i === at ? { ...response, events } : response));

function changed(change: (event: DeliveredEvent) => DeliveredEvent | undefined, guarantee: string): Breaker {
  return (responses, pick) => {
    const at = pick % responses.length;
    const { events } = responses[at]!;
    const nth = events.findIndex((event) => change(event) !== undefined);
    if (nth < 0) return undefined;
    const told = events.map((event, i) => (i === nth ? change(event)! : event));
    return { guarantee, at, responses: withEvents(responses, at, told) };
  };
}

const BREAKERS: Readonly<Record<string, Breaker>> = {
  'an event is dropped': (responses, pick) => {
    const at = pick % (responses.length - 1);
    const { events } = responses[at]!;
    const nth = pick % events.length;
    const rest = events.filter((_, i) => i !== nth);
    const shows = nth < events.length - 1 ? at : at + 1;
    const isFirst = at === 0 && nth === 0;
    // A response without events would be progress.
    if (rest.length === 0) {
      const others = responses.filter((_, i) => i !== at);
      return { guarantee: at === 0 ? 'resumable' : 'reliable', at, responses: others };
    }
    return { guarantee: isFirst ? 'resumable' : 'reliable', at: shows, responses: withEvents(responses, at, rest) };
  },
  'an event comes twice': (responses, pick) => {
    const at = pick % responses.length;
    const { events } = responses[at]!;
    const nth = pick % events.length;
    const twice = [...events.slice(0, nth + 1), ...events.slice(nth)];
    return { guarantee: 'unique', at, responses: withEvents(responses, at, twice) };
  },
  'a response comes twice': (responses, pick) => {
    const at = pick % responses.length;
    const twice = [...responses.slice(0, at + 1), ...responses.slice(at)];
    return { guarantee: 'unique', at: at + 1, responses: twice };
  },
  'two responses are swapped': (responses, pick) => {
    if (responses.length < 3) return undefined;
    const at = 1 + (pick % (responses.length - 2));
    const swapped = [...responses];
    [swapped[at], swapped[at + 1]] = [swapped[at + 1]!, swapped[at]!];
    return { guarantee: 'reliable', at, responses: swapped };
  },
  'events of two revisions are swapped': (responses, pick) => {
    const at = pick % responses.length;
    const { events } = responses[at]!;
    const nth = events.findIndex(({ kv }, i) => kv.modRevision < (events[i + 1]?.kv.modRevision ?? 0));
    if (nth < 0 || at === 0) return undefined;
    const swapped = [...events];
    [swapped[nth], swapped[nth + 1]] = [swapped[nth + 1]!, swapped[nth]!];
    return { guarantee: 'reliable', at, responses: withEvents(responses, at, swapped) };
  },
  'a revision is split': (responses, pick) => {
    const at = [...responses.keys()]
      .map((i) => (i + pick) % responses.length)
      .find((i) => responses[i]!.events.some(({ kv }, k, all) => kv.modRevision === all[k + 1]?.kv.modRevision));
    if (at === undefined) return undefined;
    const { events, revision } = responses[at]!;
    const cut = events.findIndex(({ kv }, k) => kv.modRevision === events[k + 1]?.kv.modRevision) + 1;
    const parts = [events.slice(0, cut), events.slice(cut)].map((part) => ({ events: part, revision }));
    return {
      guarantee: 'atomic',
      at: at + 1,
      responses: [...responses.slice(0, at), ...parts, ...responses.slice(at + 1)],
    };
  },
  'a value is another one': changed(
    (event) => (event.type === 'PUT' ? { ...event, kv: { ...event.kv, value: Buffer.from('other') } } : undefined),
    'reliable',
  ),
  'a value before is another one': changed(
    (event) => event.prevKv && { ...event, prevKv: { ...event.prevKv, value: Buffer.from('other') } },
    'previous-value',
  ),
  'a value before is missing': changed(
    ({ prevKv, ...event }) => (prevKv === undefined ? undefined : event),
    'previous-value',
  ),
  'a version before is another one': changed(
    (event) => event.prevKv && { ...event, prevKv: { ...event.prevKv, version: event.prevKv.version + 1 } },
    'previous-value',
  ),
  'an update is a creation': changed(
    (event) =>
      event.type === 'PUT' && event.kv.createRevision < event.kv.modRevision
        ? { ...event, kv: { ...event.kv, createRevision: event.kv.modRevision } }
        : undefined,
    'is-create',
  ),
  'a key that never was': changed((event) => ({ ...event, kv: { ...event.kv, key: 'never' } }), 'reliable'),
};

for (const [name, { request, text, place }] of Object.entries(FORMS)) {
  t.test(`${name}: each break is found, and where`, (t) => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(stream, fc.nat(1000), ({ store, responses }, pick) => {
        for (const [what, breakIt] of Object.entries(BREAKERS)) {
          const broken = breakIt(responses, pick);
          if (broken === undefined) continue;
          found.set(what, (found.get(what) ?? 0) + 1);
          const { findings } = verify(store, text(broken.responses), request, 4096);
          const here = findings
            .map(brief)
            .filter(({ place: at }) => JSON.stringify(at) === JSON.stringify(place(broken.at)));
          const guarantees: string[] = here.map((finding) => ('guarantee' in finding ? finding.guarantee : 'gap'));
          t.ok(
            guarantees.includes(broken.guarantee),
            `${what}: ${JSON.stringify({ broken: broken.at, findings: findings.map(brief) })}`,
          );
          t.strictSame(findings[0]!.place, place(broken.at), `${what}: nothing is found before`);
        }
      }),
      { numRuns: draws(6, 200) },
    );
    t.strictSame([...found.keys()].sort(), Object.keys(BREAKERS).sort(), 'each was tried');
    t.end();
  });
}

/** Returns a store with so many puts of /a, /b, /a, …, from revision 2 on. */
function alternating(count: number): Store {
  const store = new Store(new MemoryBackend());
  for (let i = 0; i < count; i++) store.write((txn) => txn.put(i % 2 === 0 ? '/a' : '/b', Buffer.from(String(i))));
  return store;
}

/** Returns lines of etcdctl, one for each revision of a store from one to another. */
function linesOf(store: Store, fromRev: number, toRev: number, wanted = /./): string {
  return eventsOf(store, fromRev)
    .filter(({ kv }) => kv.modRevision <= toRev && wanted.test(kv.key))
    .map(({ type, kv }) => `${etcdctlText({ events: [{ type, kv }], revision: kv.modRevision })}\n`)
    .join('');
}

const progressText = (revision: number) => `{"Header":{"revision":${revision}},"Events":null}\n`;
const createdText = (revision: number) => `{"Header":{"revision":${revision}},"Events":[],"Created":true}\n`;
const cancelText = (compactRev: number) =>
  `{"Header":{},"Events":[],"CompactRevision":${compactRev},"Canceled":true}\n`;

t.test('watches that follow each other', (t) => {
  const store = alternating(20);
  const ranged = { range: WHOLE_KEY_SPACE, startRev: 2 };
  const resumed = linesOf(store, 2, 5) + createdText(9) + linesOf(store, 6, 12);
  t.strictSame(verify(store, resumed, ranged).findings, [], 'a client that has resumed');

  const later = linesOf(store, 2, 5) + createdText(8) + linesOf(store, 9, 12);
  const { findings, watches } = verify(store, later, ranged);
  const missed = {
    count: 3,
    first: [6, 7, 8].map((revision) => ({ key: revision % 2 === 0 ? '/a' : '/b', revision })),
  };
  t.strictSame(
    findings.map(brief),
    [{ place: { line: 6 }, gap: { fromRev: 6, toRev: 8, missed } }],
    'one that has not',
  );
  t.match(watches, [
    { watch: '1', fromRev: 2 },
    { watch: '2', fromRev: 9, assumed: ['start'] },
  ]);

  const lost = linesOf(store, 2, 5) + createdText(5) + linesOf(store, 7, 12);
  t.match(verify(store, lost, ranged).findings.map(brief), [
    { place: { line: 6 }, guarantee: 'resumable', revision: 7 },
  ]);

  const cancelled = linesOf(store, 2, 5) + cancelText(10) + linesOf(store, 12, 12);
  t.match(
    verify(store, cancelled, ranged).findings.map(brief),
    [
      { place: { line: 5 }, gap: { fromRev: 6, toRev: 9, missed: { count: 4 } } },
      { place: { line: 6 }, gap: { fromRev: 10, toRev: 11, missed: { count: 2 } } },
    ],
    'compaction has ended the first',
  );
  const nothingThere = { range: { key: '/c' }, startRev: 2 };
  t.strictSame(verify(store, cancelText(10) + progressText(15), nothingThere).findings, [], 'nothing was in between');
  t.end();
});

t.test('progress', (t) => {
  const store = alternating(20);
  const request = { range: { key: '/a' }, startRev: 2 };
  t.strictSame(verify(store, linesOf(store, 2, 8, /a/) + progressText(9), request).findings, []);
  const ahead = verify(store, linesOf(store, 2, 8, /a/) + progressText(12), request);
  t.match(ahead.findings.map(brief), [{ place: { line: 5 }, guarantee: 'reliable', revision: 10 }], 'at the end');
  t.match(ahead.watches, [{ lost: { count: 2, first: [{ revision: 10 }, { revision: 12 }] } }]);
  const late = linesOf(store, 2, 6, /a/) + progressText(8) + linesOf(store, 8, 12, /a/);
  t.match(verify(store, late, request).findings.map(brief), [
    { place: { line: 5 }, guarantee: 'bookmarkable', revision: 8 },
  ]);
  const nothing = verify(store, progressText(12), { range: { key: '/c' } });
  t.match({ findings: nothing.findings, complete: nothing.totals.isComplete }, { findings: [], complete: true });
  t.end();
});

t.test('what the store does not know is not judged', (t) => {
  const store = alternating(20);
  const text = linesOf(store, 2, 21);
  const request = { range: WHOLE_KEY_SPACE, startRev: 2 };
  const short = alternating(10);
  const above = verify(short, text, request);
  t.match(above, { findings: [], watches: [{ unjudged: { events: 10, aboveTo: 21 } }] }, 'above');
  t.notOk(above.totals.isComplete);
  const fromTen = linesOf(store, 10, 21);
  store.compact(10);
  const below = verify(store, text, request);
  // The newest record of each key, at 9 and 10, is still there.
  t.match(below, { findings: [], watches: [{ unjudged: { events: 8, belowFrom: 2 } }] }, 'below');
  t.notOk(below.totals.isComplete);
  const dropped = text.split('\n').filter((_, i) => i !== 3 && i !== 12);
  const { findings } = verify(store, dropped.join('\n'), request);
  t.match(findings.map(brief), [{ place: { line: 12 }, guarantee: 'reliable', revision: 14 }], 'and the rest is');
  const { totals } = verify(store, fromTen, { range: WHOLE_KEY_SPACE, startRev: 10 });
  t.ok(totals.isComplete, 'a watch from the compact revision on');
  t.notOk(verify(store, '', request).totals.isComplete, 'an empty stream');
  t.end();
});

t.test('what nobody says is taken from the events', (t) => {
  const store = alternating(20);
  store.write((txn) => txn.deleteRange('/a'));
  store.write((txn) => txn.put('/b', Buffer.from('')));
  const whole = verify(store, linesOf(store, 4, 23), {});
  t.strictSame(whole.findings, []);
  t.match(whole.watches, [{ assumed: ['range', 'start'], fromRev: 4, range: { key: '/a', end: '/b\0' } }]);
  const lines = linesOf(store, 4, 23).split('\n');
  const dropped = verify(store, lines.filter((_, i) => i !== 5).join('\n'), {});
  t.match(dropped.findings.map(brief), [{ place: { line: 6 }, guarantee: 'reliable' }], 'a put is missing');
  const puts = verify(store, lines.filter((text) => !text.includes('"type":1')).join('\n'), {});
  t.match(
    puts,
    { findings: [], watches: [{ assumed: ['range', 'filters', 'start'] }] },
    'it may not have wanted deletes',
  );
  const asked = verify(store, lines.filter((text) => !text.includes('"type":1')).join('\n'), { filters: [] });
  t.match(asked.findings.map(brief), [{ place: { line: 19 }, guarantee: 'reliable', revision: 22 }], 'it has');
  const one = verify(store, linesOf(store, 3, 23, /b/), {});
  t.match(one, { findings: [], watches: [{ range: { key: '/b', end: undefined } }] }, 'a single key');
  const partly = linesOf(store, 2, 8).replace(
    /("mod_revision":5.*?)\}\}/,
    '$1},"prev_kv":{"key":"L2I=","value":"eA=="}}',
  );
  t.match(verify(store, partly, {}).findings.map(brief), [
    { place: { line: 4 }, guarantee: 'previous-value', revision: 5 },
    { place: { line: 5 }, guarantee: 'previous-value', revision: 6 },
    { place: { line: 6 }, guarantee: 'previous-value', revision: 7 },
    { place: { line: 7 }, guarantee: 'previous-value', revision: 8 },
  ]);
  t.end();
});

t.test('a filter, and a key outside of the range', (t) => {
  const store = alternating(6);
  const request = { range: { key: '/a' }, startRev: 2, filters: ['noput'] as const };
  t.match(verify(store, linesOf(store, 2, 3), request).findings.map(brief), [
    { place: { line: 1 }, guarantee: 'filter', revision: 2 },
    { place: { line: 2 }, guarantee: 'filter', revision: 3 },
  ]);
  t.end();
});

t.test('fragments, pretty JSON, and ends of streams', (t) => {
  const store = alternating(6);
  const request = { range: WHOLE_KEY_SPACE, startRev: 2 };
  const events = eventsOf(store, 2).map(({ type, kv }) => eventText({ type, kv }, '"', '"DELETE"'));
  const message = (from: number, to: number, more: boolean) =>
    `{"result":{"header":{"revision":"7"},"fragment":${more},"events":[${events.slice(from, to).join(',')}]}}`;
  const parts = message(0, 2, true) + message(2, 3, true) + message(3, 6, false);
  t.match(verify(store, parts, request), { findings: [], watches: [{ responses: 1, events: 6 }] });
  const unfinished = verify(store, `${message(0, 2, false)}\n${message(2, 3, true)}\n${message(3, 4, true)}`, request);
  t.match(unfinished, { findings: [], cutAt: 2, watches: [{ events: 2 }] });
  const pretty = linesOf(store, 2, 4)
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.stringify(JSON.parse(text), null, 2));
  const altered = pretty.join('\n').replace('"value": "MQ=="', '"value": "MA=="');
  t.match(verify(store, altered, request).findings.map(brief), [{ place: { line: 21 }, guarantee: 'reliable' }]);
  const cut = verify(store, linesOf(store, 2, 6).slice(0, -20), request);
  t.match(cut, { findings: [], cutAt: 5, watches: [{ events: 4 }] });
  const ended = verify(store, `${linesOf(store, 2, 4)}{"error":{"grpc_code":14}}\n${linesOf(store, 6, 7)}`, request);
  t.match(ended.findings.map(brief), [{ place: { line: 5 }, gap: { fromRev: 5, toRev: 5 } }], 'a lost connection');
  t.end();
});

t.test('values that were hidden', (t) => {
  const store = alternating(4);
  const hidden = linesOf(store, 2, 5).replaceAll(/"value":"[^"]*"/g, '"decoded":{"format":"text"}');
  const { findings, totals } = verify(store, hidden, { range: WHOLE_KEY_SPACE });
  t.strictSame(findings, []);
  t.match(totals, { events: 4, hiddenValues: 4, isComplete: false });
  const other = hidden.replace('"version":1,"decoded"', '"version":2,"decoded"');
  t.match(
    verify(store, other, { range: WHOLE_KEY_SPACE }).findings.map(brief),
    [{ place: { line: 1 } }],
    'the rest is compared',
  );
  t.end();
});

t.test('what is no recorded stream', (t) => {
  const store = alternating(2);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nothing', /line 1: no object of JSON/],
    ['{"Header":{}}\n"text"', /line 2: no object of JSON/],
    ['{"a":1}', /line 1: no response of a watch/],
    ['{"Header":{"revision":1.5}}', /line 1: revision is no whole number/],
    ['\n{"Header":{},"Events":{}}', /line 2: Events is no list/],
    ['{"Header":{},"Events":[{"kv":{"key":"!"}}]}', /line 1: key is no base64/],
    ['{"Header":{},"Events":[{"type":2,"kv":{}}]}', /type is neither/],
    ['{"Header":{} "Events":[]}', /line 1: no JSON/],
    ['{"Responses":[{"Events":[]}]}', /Request is not there/],
    ['{"Request":{},"Responses":[{"Events":[{"Type":"x"}]}]}', /Type is neither/],
    ['{"Request":{},"Responses":[null]}', /line 1: no object/],
    [']', /line 1: no object/],
  ];
  for (const [text, message] of cases)
    t.throws(() => verify(store, text, { range: WHOLE_KEY_SPACE }), { message }, text);
  t.throws(() => verify(store, '{"Request":{},"Responses":null}', { prevKv: true }), { code: 'USAGE' });
  t.strictSame(verify(store, '{"Request":{},"Responses":null}', {}).findings, []);
  t.end();
});
