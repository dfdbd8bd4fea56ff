import t from 'tap';
import type { History } from '../../../src/mvcc/history.js';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { encodeKeyValue, type KeyValue } from '../../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { eventOf, StoredRecord } from '../../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { checkedReplay } from '../../../src/replay/findings/checked-replay.js';
import {
  type CheckedDelivery,
  type CheckedWatcher,
  type Guarantee,
  GuaranteeChecker,
  type GuaranteeOptions,
  type Violation,
} from '../../../src/replay/guarantees/guarantees.js';
import { GUARANTEES } from '../../../src/replay/guarantees/violation.js';
import { etcdRelease } from '../../../src/replay/releases/etcd-release.js';
import type { ConsumerPlan } from '../../../src/replay/run/consumer.js';
import { RecordedStore } from '../../../src/replay/run/recorded-store.js';
import {
  type Action,
  DEFAULT_OPTIONS,
  DEFAULT_PARAMETERS,
  type ReplayOptions,
} from '../../../src/replay/run/replay-options.js';
import type { DeliveredEvent } from '../../../src/replay/run/trace.js';
import type { WatchSpec } from '../../../src/requests/watch-spec.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

/** Returns a store with these transactions from revision 2 on: `a=1` puts and `-a` deletes, in order. */
function storeOf(...transactions: string[]): Store {
  const store = new Store(new MemoryBackend());
  for (const text of transactions) {
    store.write((txn) => {
      for (const change of text.split(' ')) {
        const [key = '', value = ''] = change.split('=');
        if (change.startsWith('-')) txn.deleteRange(change.slice(1));
        else txn.put(key, Buffer.from(value));
      }
    });
  }
  return store;
}

function priorOf(history: History, { type, kv }: DeliveredEvent): KeyValue | undefined {
  const before = kv.modRevision - 1;
  if (before < Math.max(history.compactRev, 1) || (type === 'PUT' && kv.createRevision === kv.modRevision)) {
    return undefined;
  }
  return history.range({ key: kv.key, rev: before }).kvs[0];
}

function withPrior(history: History, event: DeliveredEvent): DeliveredEvent {
  const prevKv = priorOf(history, event);
  return prevKv === undefined ? event : { ...event, prevKv };
}

function eventsOf(history: History, { prevKv }: Pick<CheckedWatcher, 'prevKv'>): DeliveredEvent[] {
  const events = [...history.records(0, history.currentRev)].map(eventOf);
  return prevKv ? events.map((event) => withPrior(history, event)) : events;
}

const EVERYTHING: CheckedWatcher = { name: 'w', ...WHOLE_KEY_SPACE, filters: [], prevKv: true, fromRev: 2 };

interface Play extends GuaranteeOptions {
  readonly watcher?: Partial<CheckedWatcher>;
  /** Changes the events that are marked with a `*`. */
  readonly alter?: (event: DeliveredEvent) => DeliveredEvent;
  readonly compactRev?: number;
  /** The revision up to which the watcher is synced at the end. */
  readonly synced?: number;
}

type Response = Pick<CheckedDelivery, 'via' | 'revision' | 'events'>;

/**
 * Returns the responses that a text describes. `2a 3b | p3 | x` is a response with the event of key a at revision 2 and
 * that of b at 3, then progress at 3, then a cancel. `2a!` is the last event of a at 2 if there are several.
 */
function responsesOf(history: History, watcher: CheckedWatcher, text: string, alter: Play['alter']): Response[] {
  const events = eventsOf(history, watcher);
  return text.split(' | ').map((part) => {
    if (part === 'x') return { via: 'cancel', revision: 0, events: [] };
    if (part.startsWith('p')) return { via: 'progress', revision: Number(part.slice(1)), events: [] };
    const used = new Set<DeliveredEvent>();
    const chosen = part.split(' ').map((token) => {
      const [, rev, key, mark] = /^(\d+)(\w)([*!]?)$/.exec(token)!;
      const same = events.filter(({ kv }) => kv.modRevision === Number(rev) && kv.key === key);
      const event = (mark === '!' ? same.at(-1) : same.find((candidate) => !used.has(candidate))) ?? same[0]!;
      used.add(event);
      return mark === '*' ? alter!(event) : event;
    });
    return { via: 'sync', revision: history.currentRev, events: chosen };
  });
}

function play(history: History, text: string, options: Play = {}): Violation[] {
  const { alter, compactRev, synced, ...others } = options;
  const watcher = { ...EVERYTHING, ...options.watcher };
  const checker = new GuaranteeChecker(history, [watcher], others);
  responsesOf(history, watcher, text, alter).forEach((response, i) => {
    checker.add({ timeUs: 10 * (i + 1), watcher: 'w', stream: 'w', ...response }, compactRev);
  });
  return [
    ...checker.finish({ timeUs: 99, synced: new Map(synced === undefined ? [] : [['w', synced] as [string, number]]) }),
  ];
}

const inShort = ({ guarantee, revision, key = '' }: Violation): string => `${guarantee} ${revision}${key}`;

const alterKv = (change: Partial<KeyValue>) => (event: DeliveredEvent) => ({
  ...event,
  kv: { ...event.kv, ...change },
});
const toDelete = ({ kv: { key, modRevision } }: DeliveredEvent): DeliveredEvent => ({
  type: 'DELETE',
  kv: { key, createRevision: 0, modRevision, version: 0, value: Buffer.alloc(0), lease: 0n },
});
const withoutPrior = ({ type, kv }: DeliveredEvent): DeliveredEvent => ({ type, kv });

/** These options list all violations, without a limit. */
const EVERY = { maxOfAKind: Number.POSITIVE_INFINITY };

t.test('each guarantee, broken and held', async (t) => {
  //                       2      3      4      5          6     7      8     9
  const history = storeOf('a=1', 'b=2', 'c=3', 'a=4 b=5', '-b', 'b=6', '-b', 'd=7');
  const all = '2a 3b 4c 5a 5b 6b 7b 8b 9d';
  const onB = { key: 'b', end: undefined };
  const table: [about: string, responses: string, expected: string[], options?: Play][] = [
    ['all in one response', all, []],
    ['all in many responses', '2a | 3b | 4c | 5a 5b | 6b | 7b | 8b | 9d', []],
    ['nothing', 'p1', []],
    ['one key', '3b | 5b 6b | 7b 8b', [], { watcher: onB }],
    ['from a later revision', '5a 5b 6b', [], { watcher: { fromRev: 5 } }],
    ['the last ones have not come yet', '2a 3b', []],
    ['cancelled by compaction', '2a 3b | x', [], { synced: 9 }],
    ['final: cancelled twice', '2a | x | x', ['final 0']],
    ['final: an event behind the cancel', '2a | x | 3b', ['final 9']],

    ['filter: a key below', '2a 3b', ['filter 2a'], { watcher: onB }],
    ['filter: a key above', '2a 3b 4c 5a', ['filter 4c'], { watcher: { key: 'a', end: 'c' } }],
    ['filter: a put', '6b 7b 8b', ['filter 7b'], { watcher: { ...onB, filters: ['noput'] } }],
    ['filter: a delete', '3b 5b 6b 7b', ['filter 6b'], { watcher: { ...onB, filters: ['nodelete'] } }],
    ['filter: only puts, as wanted', '3b 5b 7b', [], { watcher: { ...onB, filters: ['nodelete'] } }],
    ['filter: only deletes, as wanted', '6b 8b', [], { watcher: { ...onB, filters: ['noput'] } }],

    ['ordered: one goes back, in one response', '2a 4c 3b', ['reliable 3b', 'ordered 3b']],
    ['ordered: one goes back, in the next', '2a 4c | 3b | 5a 5b', ['reliable 3b', 'ordered 3b']],
    ['ordered: before the start', '5a 5b | 2a', ['ordered 2a'], { watcher: { fromRev: 5 } }],

    ['unique: at once', '2a 2a 3b', ['unique 2a']],
    ['unique: later in the response', '2a 3b 3b', ['unique 3b']],
    ['unique: within a revision', '2a 3b 4c 5a 5b 5a', ['unique 5a']],
    ['unique: long after', '2a 3b | 4c 5a 5b | 3b | 6b', ['ordered 3b', 'unique 3b']],
    ['unique: with another value', '2a 2a* 3b', ['unique 2a'], { alter: alterKv({ value: Buffer.from('x') }) }],
    ['unique: late, then again', '2a 4c 3b 3b', ['reliable 3b', 'ordered 3b', 'unique 3b']],
    ['unique: before the start, twice', '5a 2a 2a', ['ordered 2a', 'unique 2a'], { watcher: { fromRev: 5 } }],

    ['atomic', '2a 3b 4c 5a | 5b 6b', ['atomic 5b']],
    ['atomic: progress between', '2a 3b 4c 5a | p4 | 5b 6b', ['bookmarkable 4', 'atomic 5b']],

    ['bookmarkable: progress between', '2a 3b | p3 | 4c | p4 | p4 | 5a 5b', []],
    ['bookmarkable: progress before everything', 'p1 | 2a', []],
    ['bookmarkable: progress before the start', 'p2 | 5a', [], { watcher: { fromRev: 5 } }],
    ['bookmarkable: events below it', '2a | p4 | 3b 4c 5a', ['bookmarkable 3b', 'bookmarkable 4c']],
    ['bookmarkable: below the last event', '2a 3b 4c | p3', ['bookmarkable 3']],
    ['bookmarkable: goes back', 'p1 | p0', ['bookmarkable 0']],
    ['bookmarkable: of other keys', '2a | p4 | 5a', [], { watcher: { key: 'a', end: undefined } }],

    ['resumable: the first is missing', '3b 4c', ['resumable 3b']],
    ['resumable: from the middle', '4c 5a', ['resumable 4c'], { watcher: { fromRev: 3 } }],
    ['resumable: the first of its revision is missing', '5b 6b', ['resumable 5b'], { watcher: { fromRev: 5 } }],
    ['resumable: one before the start', '4c 5a', ['resumable 4c'], { watcher: { fromRev: 5 } }],
    ['resumable: one before a start in the future', '9d', ['resumable 9d'], { watcher: { fromRev: 20 } }],
    ['resumable: within the revision before', '5b 6b', ['resumable 5b'], { watcher: { fromRev: 6 } }],

    [
      'is-create: a second put',
      '2a 3b 4c 5a*',
      ['reliable 5a', 'is-create 5a'],
      { alter: alterKv({ createRevision: 5 }) },
    ],
    [
      'is-create: put after a delete',
      '7b*',
      ['reliable 7b', 'is-create 7b'],
      { watcher: { ...onB, fromRev: 7 }, alter: alterKv({ createRevision: 3 }) },
    ],
    ['is-create: a delete that was none', '2a*', ['reliable 2a', 'is-create 2a'], { alter: toDelete }],

    ['reliable: one is missing', '2a 3b 5a 5b', ['reliable 4c']],
    ['reliable: many are missing', '2a 3b | 8b 9d', ['reliable 4c']],
    ['reliable: one of a revision is missing', '2a 3b 4c 5b 6b', ['reliable 5a']],
    ['reliable: missing before progress', '2a 3b | p4', ['reliable 4c']],
    ['reliable: nothing before progress', 'p2', ['reliable 2a']],
    ['reliable: nothing before progress and a cancel', 'p2 | x', ['reliable 2a']],
    ['reliable: order within a revision', '2a 3b 4c 5b 5a 6b', ['reliable 5a']],
    ['reliable: another version', '2a 3b*', ['reliable 3b'], { alter: alterKv({ version: 7 }) }],
    ['reliable: another value', '2a 3b* 4c', ['reliable 3b'], { alter: alterKv({ value: Buffer.from('2\0') }) }],
    ['reliable: another lease', '2a 3b*', ['reliable 3b'], { alter: alterKv({ lease: 1n << 40n }) }],
    ['reliable: another creation', '2a 3b 4c 5a*', ['reliable 5a'], { alter: alterKv({ createRevision: 3 }) }],
    [
      'reliable: a put that was a delete',
      '2a 3b 4c 5a 5b 6b*',
      ['reliable 6b'],
      { alter: (event) => ({ ...event, type: 'PUT' }) },
    ],
    [
      'reliable: none of that key',
      '2a 3b* 3b 4c',
      ['reliable 3z'],
      { alter: (event) => withoutPrior(alterKv({ key: 'z' })(event)) },
    ],
    [
      'reliable: none of that revision',
      '2a 3b 9d*',
      ['reliable 99d'],
      { alter: alterKv({ modRevision: 99, createRevision: 99 }) },
    ],
    [
      'reliable: late and altered',
      '2a 4c 3b*',
      ['reliable 3b', 'ordered 3b', 'reliable 3b'],
      { alter: alterKv({ version: 7 }) },
    ],

    ['previous value: not asked for', '2a 3b 4c 5a*', [], { watcher: { prevKv: false }, alter: (event) => event }],
    [
      'previous value: of a put',
      '2a 3b 4c 5a* 5b',
      ['previous-value 5a'],
      { alter: (event) => ({ ...event, prevKv: { ...event.prevKv!, version: 2 } }) },
    ],
    [
      'previous value: of a delete',
      '2a 3b 4c 5a 5b 6b*',
      ['previous-value 6b'],
      { alter: (event) => ({ ...event, prevKv: { ...event.prevKv!, value: Buffer.from('2') } }) },
    ],
    [
      'previous value: where there was none',
      '2a*',
      ['previous-value 2a'],
      { alter: (event) => ({ ...event, prevKv: event.kv }) },
    ],
    ['previous value: absent', '2a 3b 4c 5a*', ['previous-value 5a'], { alter: withoutPrior }],
    [
      'previous value: absent at the compact revision',
      '2a 3b 4c 5a*',
      ['previous-value 5a'],
      { alter: withoutPrior, compactRev: 4 },
    ],
    ['previous value: absent, as compacted', '2a 3b 4c 5a*', [], { alter: withoutPrior, compactRev: 5 }],
    ['previous value: there, though compacted', '2a 3b 4c 5a', [], { compactRev: 5 }],

    ['undelivered: nothing', all, [], { synced: 9 }],
    ['undelivered: the last', '2a 3b 4c 5a 5b 6b 7b 8b', ['undelivered 9d'], { synced: 9 }],
    ['undelivered: up to there', '2a 3b 4c', [], { synced: 4 }],
    ['undelivered: all', 'p1', ['undelivered 2a'], { synced: 9 }],
    ['undelivered: beside progress', '2a 3b | p4', ['reliable 4c', 'undelivered 5a'], { synced: 9 }],
    ['undelivered: other keys', '2a 5a', [], { synced: 9, watcher: { key: 'a', end: undefined } }],
  ];
  for (const [about, responses, expected, options] of table) {
    t.same(play(history, responses, options).map(inShort), expected, about);
    const chunking = { revisionsPerChunk: 1, maxKeptBytes: 0 };
    t.same(play(history, responses, { ...options, chunking }).map(inShort), expected, `${about}: in small chunks`);
  }
  const broken = table.flatMap(([, , expected]) => expected.map((text) => text.split(' ')[0]));
  t.same(
    Object.keys(GUARANTEES).filter((guarantee) => !broken.includes(guarantee)),
    [],
    'each is broken somewhere',
  );
});

t.test('what a violation tells', async (t) => {
  const history = storeOf('a=1', 'b=2', 'a=3 b=4', '-b', 'a=5');
  const table: [
    responses: string,
    message: string,
    expected?: string | undefined,
    found?: string | undefined,
    options?: Play,
  ][] = [
    [
      '2a 4a 4b',
      'revision 3, key b: broke reliable (between the first and the last, the events are those of the history): it has not come, PUT a at 4 (created at 2, version 2, value 3) came instead',
      'PUT b at 3 (created at 3, version 1, value 2)',
      'PUT a at 4 (created at 2, version 2, value 3)',
    ],
    [
      '2a 5b',
      'revision 3, key b: broke reliable (between the first and the last, the events are those of the history): it and 2 others have not come, DELETE b at 5 came instead',
      'PUT b at 3 (created at 3, version 1, value 2)',
      'DELETE b at 5',
    ],
    [
      '2a 3b*',
      'revision 3, key b: broke reliable (between the first and the last, the events are those of the history): its version is 7, in the history it is 1',
      'PUT b at 3 (created at 3, version 1, value 2)',
      'PUT b at 3 (created at 3, version 7, value 2)',
      { alter: alterKv({ version: 7 }) },
    ],
    [
      '2a 3b*',
      'revision 3, key b: broke reliable (between the first and the last, the events are those of the history): its value from byte 1 on is "\\x00\\xff x\\"", in the history it is ""',
      'PUT b at 3 (created at 3, version 1, value 2)',
      'PUT b at 3 (created at 3, version 1, value "2\\x00\\xff x\\"")',
      { alter: alterKv({ value: Buffer.from('2\0\xff x"', 'latin1') }) },
    ],
    [
      '2a 3b*',
      'revision 9, key "\\x01 \\xe9\\"": broke reliable (between the first and the last, the events are those of the history): the history has no such event',
      'no event',
      'PUT "\\x01 \\xe9\\"" at 9 (created at 9, version 1, value 2, lease 7)',
      { alter: alterKv({ key: '\x01 \xe9"', modRevision: 9, createRevision: 9, lease: 7n }) },
    ],
    [
      '3b',
      'revision 3, key b: broke resumable (the first event is the first of the history from the start revision on): the watch is from revision 2 on, where the first event is PUT a at 2 (created at 2, version 1, value 1)',
      'PUT a at 2 (created at 2, version 1, value 1)',
      'PUT b at 3 (created at 3, version 1, value 2)',
    ],
    [
      '6a',
      'revision 6, key a: broke resumable (the first event is the first of the history from the start revision on): the watch is from revision 20 on, where the first event is no event',
      'no event',
      'PUT a at 6 (created at 2, version 3, value 5)',
      { watcher: { fromRev: 20 } },
    ],
    [
      '2a | 3b 2a',
      'revision 2, key a: broke ordered (the revisions of events never decrease): it came after an event of revision 3',
      '3 or later',
      '2',
    ],
    [
      '2a 2a',
      'revision 2, key a: broke unique (no event comes twice): it has come before',
      undefined,
      'PUT a at 2 (created at 2, version 1, value 1)',
    ],
    [
      '2a 3b 4a | 4b',
      'revision 4, key b: broke atomic (a revision is not split between responses): the response before ended with an event of the same revision',
      'a revision other than 4',
      '4',
    ],
    [
      'p3 | 2a 3b',
      'revision 2, key a: broke bookmarkable (after progress at a revision only later events come, and progress never goes back): it came after progress at 3',
      'above 3',
      '2',
    ],
    [
      '2a 3b | p2',
      'revision 2: broke bookmarkable (after progress at a revision only later events come, and progress never goes back): this progress came after an event at 3',
      '3 or later',
      '2',
    ],
    [
      'p1 | p0',
      'revision 0: broke bookmarkable (after progress at a revision only later events come, and progress never goes back): this progress came after progress at 1',
      '1 or later',
      '0',
    ],
    [
      'p2',
      'revision 2, key a: broke reliable (between the first and the last, the events are those of the history): it has not come, though progress at 2 has come',
      'PUT a at 2 (created at 2, version 1, value 1)',
      'no event',
    ],
    [
      '2a',
      'revision 3, key b: broke undelivered (a synced watcher has every event up to the revision of the store): it and 4 others have not come, though the watcher is synced at 6',
      'PUT b at 3 (created at 3, version 1, value 2)',
      'no event',
      { synced: 6 },
    ],
    [
      '2a 3b',
      'revision 3, key b: broke filter (every event has a key of the watched range and a type that is not filtered): the key is outside of the watched range',
      undefined,
      'PUT b at 3 (created at 3, version 1, value 2)',
      { watcher: { key: 'a', end: undefined } },
    ],
    [
      '5b 6a',
      'revision 6, key a: broke filter (every event has a key of the watched range and a type that is not filtered): the watch leaves out every PUT',
      undefined,
      'PUT a at 6 (created at 2, version 3, value 5)',
      { watcher: { filters: ['noput'] } },
    ],
    [
      '4a 4b 5b 6a*',
      "revision 6, key a: broke previous-value (the previous value is that of one revision before, or absent where compaction took it): the previous value's version is 1, at 5 it was 2",
      'PUT a at 4 (created at 2, version 2, value 3)',
      'PUT a at 4 (created at 2, version 1, value 3)',
      { watcher: { fromRev: 4 }, alter: (event) => ({ ...event, prevKv: { ...event.prevKv!, version: 1 } }) },
    ],
    [
      '6a*',
      'revision 6, key a: broke previous-value (the previous value is that of one revision before, or absent where compaction took it): the previous value is none, at 5 it was PUT a at 4 (created at 2, version 2, value 3)',
      'PUT a at 4 (created at 2, version 2, value 3)',
      'none',
      { watcher: { fromRev: 6 }, alter: withoutPrior },
    ],
    ['2a | x | p3', 'revision 3: broke final (nothing comes after the cancel): progress came behind it'],
  ];
  for (const [responses, message, expected, found, options] of table) {
    const [violation, ...others] = play(history, responses, options).filter(
      ({ guarantee }) => guarantee !== 'is-create',
    );
    t.equal(violation?.message, `watcher w, ${message}`);
    t.same([violation?.expected, violation?.found], [expected, found], message);
    t.ok(others.every(({ guarantee }) => guarantee !== violation?.guarantee || responses.startsWith('p3')));
  }

  const creations = ['3b*', '2a*'].map((responses, i) => {
    const alter = i === 0 ? alterKv({ createRevision: 2 }) : toDelete;
    const violations = play(history, responses, { watcher: { fromRev: i === 0 ? 3 : 2 }, alter });
    return violations.find(({ guarantee }) => guarantee === 'is-create')?.message;
  });
  const create = 'broke is-create (an event is a creation just when the key was absent one revision before)';
  t.same(creations, [
    `watcher w, revision 3, key b: ${create}: it is no creation, but the key was absent at 2`,
    `watcher w, revision 2, key a: ${create}: it is no creation, but the key was absent at 1`,
  ]);
  const again = play(history, '2a 3b 4a*', { alter: alterKv({ createRevision: 4 }) });
  t.equal(
    again.find(({ guarantee }) => guarantee === 'is-create')?.message,
    `watcher w, revision 4, key a: ${create}: it is a creation, but the key was there at 3`,
  );

  t.same(
    play(history, '2a | 2a | 3b 2a | p1', { synced: 3 }).map(({ guarantee, timeUs }) => `${guarantee} ${timeUs}`),
    ['atomic 20', 'unique 20', 'ordered 30', 'unique 30', 'bookmarkable 40'],
    'the time of the response',
  );
  t.same(
    play(history, '2a | p3', { synced: 6 }).map(({ guarantee, timeUs }) => `${guarantee} ${timeUs}`),
    ['reliable 20', 'undelivered 99'],
    'of what never came',
  );
  t.match(play(history, '2a 2a', { watcher: { key: 'a' } })[0], { watcher: 'w', key: 'a', revision: 2 });
});

t.test('long values and odd names', async (t) => {
  const store = new Store(new MemoryBackend());
  store.write((txn) => txn.put('a', Buffer.alloc(5000, 'x')));
  const watcher = { ...EVERYTHING, name: 'böse\n' };
  const checker = new GuaranteeChecker(store, [watcher]);
  const [event] = eventsOf(store, watcher) as [DeliveredEvent];
  const value = Buffer.from(event.kv.value);
  value[4990] = 1;
  const events = [{ ...event, kv: { ...event.kv, value } }];
  checker.add({ timeUs: 0, watcher: watcher.name, stream: 's', via: 'sync', revision: 2, events });
  const [violation] = checker.finish();
  t.match(violation?.message, /^watcher b\\u\{f6\}se\\u\{a\}, /);
  t.match(violation?.message, /its value from byte 4990 on is "\\x01xxxxxxxxx", in the history it is xxxxxxxxxx$/);
  t.equal(violation?.expected, `PUT a at 2 (created at 2, version 1, value ${'x'.repeat(40)}... of 5000 bytes)`);
});

t.test('of many violations of a kind some are told, the rest is counted', async (t) => {
  const history = storeOf('a=1', 'a=2');
  const responses = '2a 3a 3a 3a 3a 2a 3a 2a 3a';
  t.same(play(history, responses, { maxOfAKind: 2 }).map(inShort), [
    'unique 3a',
    'unique 3a',
    'ordered 2a',
    'ordered 2a',
  ]);
  const checker = new GuaranteeChecker(history, [EVERYTHING], { maxOfAKind: 2 });
  for (const response of responsesOf(history, EVERYTHING, responses, undefined)) {
    checker.add({ timeUs: 0, watcher: 'w', stream: 'w', ...response });
  }
  t.equal(checker.finish().length + checker.omitted, play(history, responses, EVERY).length);
});

t.test('a transaction that changes a key more than once', async (t) => {
  const history = storeOf('a=1', '-a a=2', 'b=1 b=2', '-b', 'c=1 -c', 'a=3 a=4');
  const all = '2a 3a 3a 4b 4b 5b 6c 6c 7a 7a';
  t.same(play(history, all, { synced: 7 }).map(inShort), []);
  t.same(play(history, '2a | 3a 3a | 3a', EVERY).map(inShort), ['atomic 3a', 'unique 3a']);
  t.same(play(history, '2a 3a 4b 4b').map(inShort), ['reliable 3a'], 'the second is missing');
  t.same(play(history, '2a 3a! 4b 4b').map(inShort), ['reliable 3a'], 'the first is missing');
  t.match(play(history, '2a 3a! 4b 4b')[0]?.message, /it has not come, PUT a at 3 .* came instead$/);
});

t.test('a history that was compacted', async (t) => {
  //                       2      3      4     5      6          7     8
  const history = storeOf('a=1', 'b=2', '-a', 'b=3', 'a=4 c=5', '-b', 'a=6');
  history.compact(6);
  t.same(play(history, '6a 6c 7b 8a', { watcher: { fromRev: 6 }, synced: 8 }).map(inShort), []);
  t.same(
    play(history, '6c 7b 8a', { watcher: { fromRev: 6 } }).map(inShort),
    ['resumable 6c'],
    'at the revision itself',
  );
  const known = storeOf('a=1', 'b=2', '-a', 'b=3', 'a=4 c=5', '-b', 'a=6');
  const early = responsesOf(known, EVERYTHING, '2a 3b | 4a 5b 6a 6c | 7b', undefined);
  const checker = new GuaranteeChecker(history, [EVERYTHING]);
  for (const response of early) checker.add({ timeUs: 0, watcher: 'w', stream: 'w', ...response });
  t.same(checker.finish().map(inShort), [], 'below it, and at it, nothing can be said');
  t.same(
    play(history, '6a* 6a 6c', { alter: alterKv({ key: 'z' }), watcher: { fromRev: 6 } }).map(inShort),
    [],
    'nor of what the history does not know',
  );
  t.same(
    play(history, '7b* 8a', { alter: withoutPrior, watcher: { fromRev: 7 } }).map(inShort),
    ['previous-value 7b'],
    'the revision before can still be read',
  );
});

t.test('what the history cannot tell', async (t) => {
  const first = storeOf('a=1');
  const atOne = alterKv({ createRevision: 1, modRevision: 1 });
  t.same(play(first, '2a*', { alter: atOne }).map(inShort), ['reliable 1a'], 'the store is empty at revision 1');
  const beyond = alterKv({ createRevision: 9, modRevision: 99 });
  t.same(play(first, '2a*', { alter: beyond }).map(inShort), ['reliable 99a'], 'nothing is known of the future');
  // This put is lost by compaction, as its transaction deletes and puts one key.
  const lost = storeOf('a=1', '-a a=2', 'b=1', 'a=3');
  lost.compact(3);
  t.throws(() => lost.range({ key: 'a', rev: 3 }), { code: 'CORRUPT' });
  t.same(play(lost, '4b 5a', { watcher: { fromRev: 4, prevKv: false } }).map(inShort), []);
});

t.test('streams, clients that resume, and watchers that are started later', async (t) => {
  const history = storeOf('a=1', 'b=2', 'a=3', 'b=4');
  const one = { ...EVERYTHING, name: 'one', stream: 's', key: 'a', end: undefined };
  const two = { ...EVERYTHING, name: 'two', stream: 's', key: 'b', end: undefined };
  const checker = new GuaranteeChecker(history, [one, two, EVERYTHING], { laterRanges: [{ key: 'c', end: 'd' }] });
  const add = (watcher: CheckedWatcher, text: string) => {
    for (const response of responsesOf(history, watcher, text, undefined)) {
      checker.add({ timeUs: 0, watcher: watcher.name, stream: watcher.stream ?? watcher.name, ...response });
    }
  };
  const progress = { timeUs: 5, watcher: '*', via: 'progress', events: [] } as const;
  add(one, '2a');
  add(EVERYTHING, '2a');
  checker.add({ ...progress, stream: 's', revision: 4 });
  add(one, '4a');
  add(two, '3b');
  add(EVERYTHING, '3b 4a');
  checker.add({ ...progress, stream: 'w', revision: 4 });
  checker.end('two');
  checker.add({ ...progress, stream: 's', revision: 2 });
  checker.start({ ...one, fromRev: 4 });
  add(one, '4a');
  checker.start({ ...EVERYTHING, name: 'late', key: 'c', end: 'd', fromRev: 5 });
  const violations = checker.finish({
    timeUs: 9,
    synced: new Map([
      ['one', 5],
      ['two', 5],
      ['w', 4],
      ['late', 5],
    ]),
  });
  t.same(
    violations.map((violation) => `${violation.watcher} ${inShort(violation)}`),
    ['one bookmarkable 4a', 'two bookmarkable 3b', 'one bookmarkable 2'],
  );
  t.throws(() => checker.start({ ...EVERYTHING, key: 'b', end: 'f' }), /range of watcher w was not announced/);
  t.throws(() => add({ ...EVERYTHING, name: 'nobody' }, '2a'), /no watcher nobody was started/);
});

/** A history that is visible only up to a revision. */
class Growing implements History {
  constructor(
    private readonly whole: History,
    public currentRev = 1,
  ) {}

  get compactRev(): number {
    return this.whole.compactRev;
  }

  records(fromMain: number, toMain: number) {
    return this.whole.records(fromMain, Math.min(toMain, this.currentRev));
  }

  range(request: Parameters<History['range']>[0]) {
    return this.whole.range(request);
  }
}

t.test('a history that grows, and one that goes back', async (t) => {
  for (const chunking of [undefined, { revisionsPerChunk: 3, maxKeptBytes: 0 }]) {
    let whole: History = storeOf('a=1', 'b=2', 'a=3', 'b=4');
    const growing = new Growing({
      currentRev: 0,
      compactRev: -1,
      records: (fromMain, toMain) => whole.records(fromMain, toMain),
      range: (request) => whole.range(request),
    });
    const checker = new GuaranteeChecker(growing, [EVERYTHING], { chunking });
    const add = (text: string, alter?: Play['alter']) => {
      for (const response of responsesOf(whole, EVERYTHING, text, alter)) {
        growing.currentRev = Math.max(growing.currentRev, response.events[0]!.kv.modRevision);
        checker.add({ timeUs: 0, watcher: 'w', stream: 'w', ...response });
      }
    };
    add('2a | 3b | 4a');
    checker.start({ ...EVERYTHING, fromRev: 4 });
    add('4a');
    whole = storeOf('a=1', 'c=2', 'c=3', 'b=4');
    growing.currentRev = 2;
    checker.end('w');
    growing.currentRev = 4;
    checker.start(EVERYTHING);
    add('2a | 3c | 4c | 5b');
    t.same(checker.finish({ timeUs: 0, synced: new Map([['w', 5]]) }).map(inShort), []);

    growing.currentRev = 2;
    checker.start({ ...EVERYTHING, fromRev: 4 });
    add('3c*', alterKv({ key: 'z' }));
    add('4c | 5b');
    t.same(checker.finish().map(inShort), ['reliable 3z'], 'before the history comes to the start');
  }
});

/** Returns a history that consists only of these puts, at any revisions. */
function historyOfPuts(kvs: readonly KeyValue[]): History {
  const records = kvs.map(
    (kv) => new StoredRecord(encodeRevisionKey({ main: kv.modRevision, sub: 0 }), encodeKeyValue(kv)),
  );
  const currentRev = kvs[kvs.length - 1]!.modRevision;
  return {
    currentRev,
    compactRev: -1,
    records: (fromMain, toMain) => records.filter(({ main }) => main >= fromMain && main <= toMain),
    range({ key, rev = currentRev }) {
      const kv = kvs.findLast((candidate) => candidate.key === key && candidate.modRevision <= rev);
      return { revision: currentRev, count: kv === undefined ? 0 : 1, kvs: kv === undefined ? [] : [kv] };
    },
  };
}

t.test('revisions far apart, as after a restore that bumps them', async (t) => {
  const FAR = 1_000_000_000_000;
  const put = (modRevision: number, key: string, before?: KeyValue): KeyValue => ({
    key,
    createRevision: before?.createRevision ?? modRevision,
    modRevision,
    version: (before?.version ?? 0) + 1,
    value: Buffer.from(String(modRevision)),
    lease: 0n,
  });
  const a = put(2, 'a');
  const b = put(65_535, 'b');
  const kvs = [a, b, put(65_536, 'a', a), put(FAR, 'b', b), put(FAR + 1, 'c')];
  const history = historyOfPuts(kvs);
  const events = eventsOf(history, EVERYTHING);
  const watchers = [EVERYTHING, { ...EVERYTHING, name: 'b', key: 'b', end: undefined, fromRev: 65_536 }];
  const future = { ...EVERYTHING, name: 'future', fromRev: 2 * FAR };
  const end = {
    timeUs: 0,
    synced: new Map([...watchers, future].map(({ name }): [string, number] => [name, FAR + 1])),
  };
  const deliver = (missing: number) => {
    const checker = new GuaranteeChecker(history, [...watchers, future]);
    const add = (watcher: string, event: DeliveredEvent) =>
      checker.add({ timeUs: 0, watcher, stream: 's', via: 'sync', revision: FAR, events: [event] });
    for (const event of events.filter((_, i) => i !== missing)) add('w', event);
    if (missing !== 3) add('b', events[3]!);
    return checker.finish(end).map((violation) => `${violation.watcher} ${inShort(violation)}`);
  };
  t.same(deliver(-1), []);
  t.same(deliver(2), ['w reliable 65536a']);
  t.same(deliver(3), [`w reliable ${FAR}b`, `b undelivered ${FAR}b`]);
});

t.test('keys that are looked up in the history, and those that its chunks know', async (t) => {
  // There are more keys than are carried from one chunk to the next, and the two puts of each key are far apart.
  const KEYS = 210_000;
  const first = Array.from({ length: KEYS }, (_, i) => i);
  const value = Buffer.alloc(0);
  const kvs: KeyValue[] = [];
  for (const round of [0, 1]) {
    for (const i of first) {
      const modRevision = 2 + i + round * KEYS;
      kvs.push({ key: `k${i}`, createRevision: 2 + i, modRevision, version: round + 1, value, lease: 0n });
    }
  }
  const currentRev = 1 + 2 * KEYS;
  const all = kvs.map(
    (kv) => new StoredRecord(encodeRevisionKey({ main: kv.modRevision, sub: 0 }), encodeKeyValue(kv)),
  );
  let lookups = 0;
  const history: History = {
    currentRev,
    compactRev: -1,
    *records(fromMain, toMain) {
      for (let main = Math.max(fromMain, 2); main <= toMain; main++) yield all[main - 2]!;
    },
    range({ key, rev }) {
      lookups++;
      const kv = kvs[Number(key.slice(1))]!;
      return { revision: currentRev, count: 1, kvs: kv.modRevision <= rev! ? [kv] : [] };
    },
  };
  const checker = new GuaranteeChecker(history, [EVERYTHING, { ...EVERYTHING, name: 'again' }]);
  for (const watcher of ['w', 'again']) {
    for (let at = 0; at < kvs.length; at += 1000) {
      const events = kvs.slice(at, at + 1000).map((kv, i): DeliveredEvent => {
        const prevKv = kv.version === 2 ? kvs[at + i - KEYS] : undefined;
        return { type: 'PUT', kv, prevKv };
      });
      checker.add({ timeUs: 0, watcher, stream: 's', via: 'sync', revision: currentRev, events });
    }
  }
  const synced = new Map([
    ['w', currentRev],
    ['again', currentRev],
  ]);
  t.same(checker.finish({ timeUs: 0, synced }).map(inShort), []);
  t.ok(lookups < kvs.length, `${lookups} lookups`);
});

// The properties use the keys a to d, watchers of some of them, and responses of whole revisions with progress between.

type Txn = readonly { readonly key: string; readonly put: boolean }[];

const txns: fc.Arbitrary<readonly Txn[]> = fc.array(
  fc.uniqueArray(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), put: fc.boolean() }), {
    selector: ({ key }) => key,
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 2, maxLength: 14 },
);

const watchedRanges = fc.constantFrom<Partial<CheckedWatcher>>(
  {},
  { key: 'a', end: undefined },
  { key: 'b', end: undefined },
  { key: 'b', end: 'd' },
  { key: 'c', end: '' },
  { key: 'a', end: 'c' },
);
const watcherOf = fc.tuple(
  watchedRanges,
  fc.constantFrom<CheckedWatcher['filters']>([], [], [], ['noput'], ['nodelete']),
  fc.boolean(),
);

const chunkings = fc.constantFrom(
  undefined,
  { revisionsPerChunk: 1, maxKeptBytes: 0 },
  { revisionsPerChunk: 3, maxKeptBytes: 0 },
  { revisionsPerChunk: 4, maxKeptBytes: 1_000_000 },
);

/** Random numbers that the code draws one by one as it needs them. */
class Draws {
  private at = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** Returns a number from 0 to `below` - 1. */
  next(below: number): number {
    return this.numbers[this.at++ % this.numbers.length]! % below;
  }
}

interface Setup {
  readonly history: Store;
  readonly watchers: readonly CheckedWatcher[];
  readonly draw: Draws;
  readonly chunking: GuaranteeOptions['chunking'];
}

/** The property itself makes a Setup of each of these, so that every run starts with a new one. */
const setups = fc.record({
  transactions: txns,
  watched: fc.array(watcherOf, { minLength: 1, maxLength: 3 }),
  numbers: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
  chunking: chunkings,
  compacted: fc.boolean(),
});
type SetupSeed = typeof setups extends fc.Arbitrary<infer T> ? T : never;

function setUp({ transactions, watched, numbers, chunking, compacted }: SetupSeed): Setup {
  const draw = new Draws(numbers);
  const history = storeOf(
    ...transactions.map((txn, i) => txn.map(({ key, put }) => (put ? `${key}=${i}` : `-${key}`)).join(' ')),
  );
  if (compacted && history.currentRev > 3) history.compact(2 + draw.next(history.currentRev - 2));
  const oldest = Math.max(history.compactRev, 1);
  const watchers = watched.map(([range, filters, prevKv], i) => {
    const fromRev = oldest + (draw.next(2) === 0 ? 0 : draw.next(history.currentRev - oldest + 3));
    return { ...EVERYTHING, ...range, name: `w${i}`, filters, prevKv, fromRev };
  });
  return { history, watchers, draw, chunking };
}

function isWatched({ key, end, filters }: CheckedWatcher, { type, kv }: DeliveredEvent): boolean {
  const inRange = end === undefined ? kv.key === key : kv.key >= key && (end === '' || kv.key < end);
  return inRange && !filters.includes(type === 'PUT' ? 'noput' : 'nodelete');
}

/** Returns responses that a correct server could send: whole revisions up to some revision, with progress between. */
function correctResponses(history: History, watcher: CheckedWatcher, draw: Draws): Response[] {
  const upTo = history.currentRev - (draw.next(3) === 0 ? draw.next(3) : 0);
  const events = eventsOf(history, watcher).filter(
    (event) => isWatched(watcher, event) && event.kv.modRevision >= watcher.fromRev && event.kv.modRevision <= upTo,
  );
  const responses: Response[] = [];
  let batch: DeliveredEvent[] = [];
  const progress = (from: number, below: number) => {
    if (below <= from || draw.next(3) > 0) return;
    responses.push({ via: 'progress', revision: from + draw.next(below - from), events: [] });
  };
  progress(1, events[0]?.kv.modRevision ?? upTo + 1);
  events.forEach((event, i) => {
    batch.push(event);
    const next = events[i + 1]?.kv.modRevision ?? Number.POSITIVE_INFINITY;
    if (next === event.kv.modRevision || (next < Number.POSITIVE_INFINITY && draw.next(2) === 0)) return;
    responses.push({ via: 'sync', revision: history.currentRev, events: batch });
    batch = [];
    const last = responses.findLast(({ via }) => via === 'progress')?.revision ?? 1;
    progress(Math.max(last, event.kv.modRevision), Math.min(next, upTo + 1));
  });
  return responses;
}

function lastRevOf(responses: readonly Response[]): number {
  const revs = responses.flatMap(({ via, revision, events }) =>
    via === 'progress' ? [revision] : events.map(({ kv }) => kv.modRevision),
  );
  return Math.max(0, ...revs);
}

/** Checks the responses of several watchers in mixed order; each watcher is synced where its responses end. */
function checkAll(setup: Setup, responses: readonly (readonly Response[])[], synced: readonly number[]): Violation[] {
  const { history, watchers, draw, chunking } = setup;
  const seen = draw.next(2) === 0 ? history : new Growing(history);
  const checker = new GuaranteeChecker(seen, watchers, { chunking, ...EVERY });
  const left = responses.map((list, i) => ({ ...watchers[i]!, list: [...list] }));
  for (let timeUs = 0; ; timeUs++) {
    const busy = left.filter(({ list }) => list.length > 0);
    if (busy.length === 0) break;
    const { name, list } = busy[draw.next(busy.length)]!;
    const response = list.shift()!;
    if (seen instanceof Growing) seen.currentRev = Math.max(seen.currentRev, lastRevOf([response]));
    checker.add({ timeUs, watcher: name, stream: name, ...response });
  }
  if (seen instanceof Growing) seen.currentRev = history.currentRev;
  return [...checker.finish({ timeUs: 0, synced: new Map(watchers.map(({ name }, i) => [name, synced[i]!])) })];
}

const tell = (violations: readonly Violation[]): string[] => violations.map(({ message }) => message);

t.test('a correct server breaks nothing', async (t) => {
  fc.assert(
    fc.property(setups, (seed) => {
      const setup = setUp(seed);
      const responses = setup.watchers.map((watcher) => correctResponses(setup.history, watcher, setup.draw));
      const violations = checkAll(setup, responses, responses.map(lastRevOf));
      if (violations.length > 0) throw new Error(tell(violations).join('\n'));
    }),
    { numRuns: draws(100, 300), includeErrorInReport: true },
  );
  t.pass();
});

/** The place of an event: its response, and its index in the response. */
interface Place {
  readonly response: number;
  readonly at: number;
  readonly event: DeliveredEvent;
}

function placesIn(responses: readonly Response[]): Place[] {
  return responses.flatMap(({ events }, response) => events.map((event, at) => ({ response, at, event })));
}

/** Returns the responses with `events` in place of `remove` events. */
function spliced(
  responses: readonly Response[],
  place: Place,
  remove: number,
  ...events: DeliveredEvent[]
): Response[] {
  return responses.map((response, i) => {
    if (i !== place.response) return response;
    return { ...response, events: response.events.toSpliced(place.at, remove, ...events) };
  });
}

interface Mutant {
  readonly responses: readonly Response[];
  /** The guarantees of which at least one must be broken. */
  readonly broken: readonly Guarantee[];
  /** The guarantees that may be broken as well. */
  readonly beside?: readonly Guarantee[];
}

type Mutation = (
  responses: readonly Response[],
  draw: Draws,
  watcher: CheckedWatcher,
  history: History,
) => Mutant | undefined;

function alteration(
  alter: (event: DeliveredEvent) => DeliveredEvent | undefined,
  broken: readonly Guarantee[],
  beside: readonly Guarantee[] = [],
): Mutation {
  return (responses, draw) => {
    const places = placesIn(responses).filter(({ event }) => alter(event) !== undefined);
    if (places.length === 0) return undefined;
    const place = places[draw.next(places.length)]!;
    return { responses: spliced(responses, place, 1, alter(place.event)!), broken, beside };
  };
}

const alterPut = (change: (kv: KeyValue) => Partial<KeyValue>) => (event: DeliveredEvent) =>
  event.type === 'PUT' ? { ...event, kv: { ...event.kv, ...change(event.kv) } } : undefined;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  drop(responses, draw) {
    const places = placesIn(responses);
    if (places.length === 0) return undefined;
    const i = draw.next(places.length);
    const broken: Guarantee[] =
      i === places.length - 1 ? ['undelivered', 'reliable'] : [i === 0 ? 'resumable' : 'reliable'];
    return { responses: spliced(responses, places[i]!, 1), broken };
  },
  repeatAtOnce(responses, draw) {
    const places = placesIn(responses);
    if (places.length === 0) return undefined;
    const place = places[draw.next(places.length)]!;
    return { responses: spliced(responses, place, 0, place.event), broken: ['unique'] };
  },
  repeatLater(responses, draw) {
    const places = placesIn(responses);
    if (places.length === 0) return undefined;
    const { event } = places[draw.next(places.length)]!;
    const again: Response = { via: 'sync', revision: 1, events: [event] };
    return { responses: [...responses, again], broken: ['unique'], beside: ['ordered', 'atomic', 'bookmarkable'] };
  },
  swap(responses, draw) {
    const places = placesIn(responses);
    if (places.length < 2) return undefined;
    const i = draw.next(places.length - 1);
    const [one, two] = [places[i]!, places[i + 1]!];
    const sameRev = one.event.kv.modRevision === two.event.kv.modRevision;
    const gap: Guarantee = i === 0 ? 'resumable' : 'reliable';
    return {
      responses: spliced(spliced(responses, one, 1, two.event), two, 1, one.event),
      broken: [sameRev ? gap : 'ordered'],
      beside: [gap, 'atomic', 'bookmarkable'],
    };
  },
  split(responses, draw) {
    const places = placesIn(responses).filter(
      ({ response, at, event }) => responses[response]!.events[at - 1]?.kv.modRevision === event.kv.modRevision,
    );
    if (places.length === 0) return undefined;
    const { response, at } = places[draw.next(places.length)]!;
    const { via, revision, events } = responses[response]!;
    const halves = [events.slice(0, at), events.slice(at)].map((half) => ({ via, revision, events: half }));
    return { responses: responses.toSpliced(response, 1, ...halves), broken: ['atomic'] };
  },
  type: alteration(
    (event) => ({ ...event, type: event.type === 'PUT' ? 'DELETE' : 'PUT' }),
    ['reliable', 'filter'],
    ['is-create', 'previous-value', 'resumable', 'undelivered'],
  ),
  toDelete: alteration(
    (event) => (event.type === 'PUT' ? { ...event, ...toDelete(event) } : undefined),
    ['reliable', 'filter'],
    ['is-create', 'previous-value', 'resumable', 'undelivered'],
  ),
  version: alteration(
    alterPut(({ version }) => ({ version: version + 1 })),
    ['reliable'],
  ),
  value: alteration(
    alterPut(({ value }) => ({ value: Buffer.concat([value, Buffer.from('\0')]) })),
    ['reliable'],
  ),
  lease: alteration(
    alterPut(() => ({ lease: 1n << 63n })),
    ['reliable'],
  ),
  createRevision: alteration(
    alterPut(({ createRevision }) => ({ createRevision: createRevision - 1 })),
    ['reliable'],
    ['is-create', 'previous-value'],
  ),
  creation: alteration(
    ({ type, kv, prevKv }) =>
      prevKv && type === 'PUT' ? { type, kv: { ...kv, createRevision: kv.modRevision }, prevKv } : undefined,
    ['is-create'],
    ['reliable'],
  ),
  prevKv: alteration(
    ({ type, kv, prevKv }) => prevKv && { type, kv, prevKv: { ...prevKv, value: Buffer.from('other') } },
    ['previous-value'],
  ),
  noPrevKv: alteration((event) => event.prevKv && withoutPrior(event), ['previous-value']),
  unasked(responses, draw, watcher, history) {
    const places = placesIn(responses).filter(({ event: { kv, prevKv } }) => {
      return watcher.prevKv && prevKv === undefined && kv.modRevision > history.compactRev;
    });
    if (places.length === 0) return undefined;
    const place = places[draw.next(places.length)]!;
    const event = { ...place.event, prevKv: place.event.kv };
    return { responses: spliced(responses, place, 1, event), broken: ['previous-value'] };
  },
  otherKey(responses, draw, watcher) {
    const places = placesIn(responses);
    const outside = ['\0', 'a', 'b', 'c', 'd', 'zz'].find(
      (key) => !isWatched({ ...watcher, filters: [] }, { type: 'PUT', kv: { ...NOTHING, key } }),
    );
    if (places.length === 0 || outside === undefined) return undefined;
    const place = places[draw.next(places.length)]!;
    const event = { ...place.event, kv: { ...place.event.kv, key: outside } };
    const beside: Guarantee[] = ['resumable', 'reliable', 'undelivered', 'is-create', 'previous-value'];
    return { responses: spliced(responses, place, 1, event), broken: ['filter'], beside };
  },
  unknownKey(responses, draw, watcher, history) {
    const places = placesIn(responses).filter(({ event: { kv } }) => kv.modRevision > history.compactRev);
    if (places.length === 0 || watcher.end !== '') return undefined;
    const place = places[draw.next(places.length)]!;
    const event = { ...place.event, kv: { ...place.event.kv, key: 'unknown' } };
    const beside: Guarantee[] = ['resumable', 'undelivered', 'is-create', 'previous-value'];
    return { responses: spliced(responses, place, 1, event), broken: ['reliable'], beside };
  },
  progressTooHigh(responses, draw) {
    const places = placesIn(responses);
    if (places.length === 0) return undefined;
    const { response, event } = places[draw.next(places.length)]!;
    const revision = event.kv.modRevision;
    return {
      responses: responses.toSpliced(response, 0, { via: 'progress', revision, events: [] }),
      broken: ['bookmarkable'],
    };
  },
  progressTooLow(responses, draw) {
    const places = placesIn(responses);
    if (places.length === 0) return undefined;
    const { response, event } = places[draw.next(places.length)]!;
    const revision = event.kv.modRevision - 1;
    return {
      responses: responses.toSpliced(response + 1, 0, { via: 'progress', revision, events: [] }),
      broken: ['bookmarkable'],
    };
  },
  cancelTooEarly(responses, draw) {
    if (responses.length === 0) return undefined;
    const cancel: Response = { via: 'cancel', revision: 0, events: [] };
    const at = draw.next(responses.length);
    return { responses: responses.toSpliced(at, 0, cancel), broken: ['final'], beside: ['reliable', 'resumable'] };
  },
};

const NOTHING: KeyValue = {
  ...{ key: '', createRevision: 0, modRevision: 0, version: 0 },
  value: Buffer.alloc(0),
  lease: 0n,
};

t.test('a server that does one thing wrong breaks what fits', async (t) => {
  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    let applied = 0;
    fc.assert(
      fc.property(setups, (seed) => {
        const setup = setUp(seed);
        const { history, watchers, draw } = setup;
        const responses = watchers.map((watcher) => correctResponses(history, watcher, draw));
        const at = draw.next(watchers.length);
        const mutant = mutation(responses[at]!, draw, watchers[at]!, history);
        if (mutant === undefined) return;
        applied++;
        const synced = responses.map(lastRevOf);
        const violations = checkAll(setup, responses.with(at, [...mutant.responses]), synced);
        const found = violations.map(({ guarantee }) => guarantee);
        const expected = [...mutant.broken, ...(mutant.beside ?? [])];
        if (!found.some((guarantee) => mutant.broken.includes(guarantee))) {
          throw new Error(`${mutant.broken.join(' or ')} should be broken, but only: ${tell(violations).join('\n')}`);
        }
        const more = violations.filter(({ guarantee, watcher }) => {
          return watcher !== watchers[at]!.name || !expected.includes(guarantee);
        });
        if (more.length > 0) throw new Error(`broken too: ${tell(more).join('\n')}`);
      }),
      { numRuns: draws(100, 300), includeErrorInReport: true },
    );
    t.ok(applied > 10, `${name}: ${applied} times`);
  }
});

/** Checks the guarantees literally as they are documented, by searching lists. */
function slowCheck(history: History, watcher: CheckedWatcher, responses: readonly Response[], synced: number) {
  const broken: string[] = [];
  const all = [...history.records(0, history.currentRev)].map(eventOf).filter((event) => isWatched(watcher, event));
  const identity = ({ kv }: DeliveredEvent) => `${kv.modRevision}${kv.key}`;
  const indexOf = new Map(all.map((event, i) => [identity(event), i]));
  const firstExpected = all.findIndex(({ kv }) => kv.modRevision >= watcher.fromRev);
  const seen = new Set<string>();
  let next = firstExpected < 0 ? all.length : firstExpected;
  let any = false;
  let lastRev = 0;
  let lastOfResponse = 0;
  let lastProgress = 0;
  for (const { via, revision, events } of responses) {
    if (via === 'progress') {
      if (revision < lastProgress || revision < lastRev) broken.push(`bookmarkable ${revision}`);
      lastProgress = revision;
    }
    events.forEach((event, i) => {
      const id = identity(event);
      const { modRevision } = event.kv;
      if (i === 0 && modRevision === lastOfResponse) broken.push(`atomic ${id}`);
      if (i === events.length - 1) lastOfResponse = modRevision;
      if (modRevision < lastRev) broken.push(`ordered ${id}`);
      lastRev = modRevision;
      if (modRevision <= lastProgress) broken.push(`bookmarkable ${id}`);
      const index = indexOf.get(id);
      if (index === undefined) {
        broken.push(`filter ${id}`);
        return;
      }
      if (seen.has(id)) broken.push(`unique ${id}`);
      seen.add(id);
      if (!any) {
        if (index !== next) broken.push(`resumable ${id}`);
        next = index;
        any = true;
      }
      if (index > next) broken.push(`reliable ${identity(all[next]!)}`);
      next = Math.max(next, index + 1);
    });
  }
  for (const [guarantee, upTo] of [
    ['reliable', lastProgress],
    ['undelivered', synced],
  ] as const) {
    const missing = all.slice(next).filter(({ kv }) => kv.modRevision <= upTo);
    if (missing.length > 0) broken.push(`${guarantee} ${identity(missing[0]!)}`);
    next += missing.length;
  }
  return broken.sort();
}

t.test('the events of the history in any order, against a slow check', async (t) => {
  let responsesBroken = 0;
  fc.assert(
    fc.property(setups, (seed) => {
      const setup = setUp(seed);
      const { history, watchers, draw } = setup;
      fc.pre(history.compactRev < 2);
      const randomResponses = watchers.map((watcher) => {
        const events = eventsOf(history, watcher);
        fc.pre(events.length > 0);
        let at = draw.next(events.length);
        return Array.from({ length: draw.next(7) }, (): Response => {
          if (draw.next(4) === 0) return { via: 'progress', revision: 1 + draw.next(history.currentRev), events: [] };
          const some = Array.from({ length: 1 + draw.next(4) }, () => {
            at = draw.next(3) > 0 ? (at + 1) % events.length : draw.next(events.length);
            return events[at]!;
          });
          return { via: 'sync', revision: history.currentRev, events: some };
        });
      });
      const synced = watchers.map(() => draw.next(history.currentRev + 1));
      const violations = checkAll(setup, randomResponses, synced);
      watchers.forEach((watcher, i) => {
        const expected = slowCheck(history, watcher, randomResponses[i]!, synced[i]!);
        const found = violations.filter((violation) => violation.watcher === watcher.name).map(inShort);
        responsesBroken += expected.length;
        if (found.sort().join() !== expected.join()) throw new Error(`${found.join()} for ${expected.join()}`);
      });
    }),
    { numRuns: draws(400, 1500), includeErrorInReport: true },
  );
  t.ok(responsesBroken > 400, `${responsesBroken} violations`);
});

// The tests from here on check whole replays.

const parametersOf = fc.record({
  chanBufLen: fc.integer({ min: 1, max: 4 }),
  watchBatchMaxRevs: fc.integer({ min: 1, max: 5 }),
});

const paces = fc.constantFrom<ConsumerPlan>(
  { pace: 'atOnce' },
  { pace: 'interval', intervalUs: 30_000 },
  { pace: 'rate', eventsPerSecond: 40 },
  { pace: 'never' },
);

const actions: fc.Arbitrary<Action> = fc.tuple(fc.nat(400_000), fc.nat(40)).chain(([atUs, n]) =>
  fc.constantFrom<Action>(
    { atUs, action: 'compact', revision: { behind: n % 6 } },
    { atUs, action: 'compact', revision: 2 + (n % 12) },
    { atUs, action: 'restore' },
    { atUs, action: 'progress', stream: 's' },
    { atUs, action: 'progress', stream: 'w0' },
    { atUs, action: 'stall', stream: 's', forUs: 10_000 * n },
    { atUs, action: 'cancel', watcher: 'w0' },
    {
      atUs,
      action: 'watch',
      watcher: { name: 'late', ...WHOLE_KEY_SPACE, startRev: n % 15, filters: [], prevKv: true },
    },
  ),
);

const replays = fc.record({
  setup: setups,
  parameters: parametersOf,
  own: paces,
  shared: paces,
  actions: fc.array(actions, { maxLength: 8 }),
  disconnectAtUs: fc.array(fc.nat(300_000), { maxLength: 1 }),
});
type ReplaySeed = typeof replays extends fc.Arbitrary<infer T> ? T : never;

/** Gives the watcher of an action a name of its own, as a replay accepts each name only once. */
function withOwnName(action: Action, i: number): Action {
  if (action.action !== 'watch') return action;
  return { ...action, watcher: { ...action.watcher, name: `late${i}` } };
}

function replayOf({ setup, parameters, own, shared, actions, disconnectAtUs }: ReplaySeed) {
  const { history, watchers, draw } = setUp(setup);
  const specs = watchers.map(({ fromRev, ...watcher }, i): WatchSpec => {
    return { ...watcher, startRev: fromRev, progressNotify: i % 2 === 1, ...(i > 0 && { stream: 's' }) };
  });
  const oldest = Math.max(history.compactRev, 1);
  const client = {
    disconnectAtUs,
    reconnectAfterUs: 5_000,
    resumeFrom: 'lastEvent',
    onCompacted: 'end',
    relistAfterUs: 0,
  } as const;
  const options: ReplayOptions = {
    ...DEFAULT_OPTIONS,
    watchers: specs,
    fromRev: oldest,
    streams: new Map([
      ['w0', { consumer: own, client }],
      ['s', { consumer: shared, client }],
    ]),
    arrivals: { commitsPerSecond: 50, poisson: true },
    actions: actions.map(withOwnName),
    parameters: { ...DEFAULT_PARAMETERS, progressNotifyIntervalUs: 100_000, ...parameters },
    seed: draw.next(1000),
    untilUs: 5_000_000,
  };
  return { history, options, baseRev: oldest + draw.next(history.currentRev - oldest + 1) };
}

function checkReplay(history: Store, options: ReplayOptions, baseRev: number) {
  const store = new RecordedStore(history, baseRev, history.currentRev, options.release.behaviours);
  const trace = checkedReplay({ store, history, recorded: true }, options);
  let events = 0;
  for (let step = trace.next(); ; step = trace.next()) {
    if (step.done) return { violations: step.value.violations, events };
    if (step.value.kind === 'response') events += step.value.events.length;
  }
}

t.test('replays of the newest release break nothing', async (t) => {
  let events = 0;
  fc.assert(
    fc.property(replays, (seed) => {
      const { history, options, baseRev } = replayOf(seed);
      const checked = checkReplay(history, options, baseRev);
      events += checked.events;
      if (checked.violations.length > 0) throw new Error(tell(checked.violations).join('\n'));
    }),
    { numRuns: draws(100, 400), includeErrorInReport: true },
  );
  t.ok(events > 300, `${events} events`);
});

t.test('replays of older releases', async (t) => {
  const history = storeOf(...Array.from({ length: 40 }, (_, i) => `a=${i} b=${i}`));
  const watcher = { name: 'w', ...WHOLE_KEY_SPACE, filters: [], prevKv: true } as const;
  const base: ReplayOptions = {
    ...DEFAULT_OPTIONS,
    watchers: [watcher],
    fromRev: 2,
    arrivals: { commitsPerSecond: 100, poisson: false },
    parameters: DEFAULT_PARAMETERS,
  };
  const client = {
    disconnectAtUs: [],
    reconnectAfterUs: 0,
    resumeFrom: 'lastEvent',
    onCompacted: 'end',
    relistAfterUs: 0,
  } as const;
  const slow = (intervalUs: number): Partial<ReplayOptions> => ({
    streams: new Map([['w', { consumer: { pace: 'interval', intervalUs }, client }]]),
    parameters: { ...DEFAULT_PARAMETERS, chanBufLen: 1 },
    actions: [{ atUs: 250_000, action: 'compact', revision: { behind: 1 } }],
  });
  const restored: Partial<ReplayOptions> = {
    watchers: [{ ...watcher, startRev: 0 }],
    fromRev: 0,
    actions: [{ atUs: 105_000, action: 'restore' }],
  };
  const inFuture: Partial<ReplayOptions> = { ...restored, watchers: [{ ...watcher, startRev: 30 }] };
  const table: [release: string, options: Partial<ReplayOptions>, guarantees: string[]][] = [
    ['3.5.12', slow(200_000), ['reliable']],
    ['3.5.13', slow(200_000), []],
    ['3.5.12', slow(10_000_000), ['undelivered']],
    ['3.5.7', restored, ['ordered', 'unique']],
    ['3.5.8', restored, []],
    ['3.5.21', inFuture, ['resumable']],
    ['3.5.22', inFuture, []],
  ];
  for (const [version, options, guarantees] of table) {
    const release = etcdRelease(version);
    const { violations } = checkReplay(history, { ...base, ...options, release }, 1);
    t.same(
      [...new Set(violations.map(({ guarantee }) => guarantee))].sort(),
      guarantees,
      `${version}: ${tell(violations)[0]}`,
    );
  }
});
