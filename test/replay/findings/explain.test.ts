// An explanation tells the life of an event, part by part.

import t from 'tap';
import type { Explanation } from '../../../src/replay/findings/explain.js';
import { explainEvent } from '../../../src/replay/findings/explain.js';
import { KNOWN_CASES } from '../../../src/replay/releases/known-cases.js';
import { planReplay, type ReplayRequest } from '../../../src/replay/scenario/plan.js';
import { openScripted } from '../../../src/replay/scenario/scripted-source.js';
import type { WatchSpec } from '../../../src/requests/watch-spec.js';
import { listedTransactions } from '../../support/listed-transactions.js';
import { openScenario } from '../../support/run-scenario.js';

function explain(yaml: string, name: string, watcher: string, request: Partial<ReplayRequest> = {}) {
  const { opened, plan } = openScenario(yaml, request);
  const [key, revision] = name.split('@') as [string, string];
  return explainEvent(opened, plan.options, { key, revision: Number(revision) }, watcher)[0]!.parts;
}

const says = (parts: readonly Explanation[]) => parts.map((part) => part.says);

function part<Says extends Explanation['says']>(
  parts: readonly Explanation[],
  kind: Says,
): Extract<Explanation, { says: Says }> | undefined {
  return parts.find((one): one is Extract<Explanation, { says: Says }> => one.says === kind);
}

const TEN_PUTS = 'history: {commits: [{put: {key: /a}, repeat: 10}]}\n';

// The explanation once named the last pass before the event was taken from the stream, not the pass that had sent it.
t.test('the pass that is named is the one that sent the event', async (t) => {
  const slow = `${TEN_PUTS}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: {every: 250ms}}}
parameters: {watchBatchMaxRevs: 2}
`;
  for (const [revision, pass] of [
    [2, 1],
    [4, 2],
    [6, 3],
    [8, 4],
    [11, 5],
  ]) {
    const parts = explain(slow, `/a@${revision}`, 'w');
    t.equal(part(parts, 'read')?.entry.pass, pass);
    t.equal(part(parts, 'delivered')?.entry.sentUs, part(parts, 'read')?.entry.timeUs);
  }
});

t.test('passes of one instant, of which not all had something to send, are told apart', async (t) => {
  // The other watcher is done in pass 1, so pass 2 comes at once.
  const slow = `${TEN_PUTS}
watchers: [{name: w, key: /a}, {name: other, key: /b}]
streams: {w: {consumer: {every: 250ms}}}
parameters: {watchBatchMaxRevs: 2}
`;
  t.match(part(explain(slow, '/a@2', 'w'), 'read')?.entry, { pass: 1, timeUs: 0 });
  t.match(part(explain(slow, '/a@4', 'w'), 'read')?.entry, { pass: 2, timeUs: 0 });
});

t.test('a pass that met a full stream has sent nothing', async (t) => {
  // At 0.1 s, pass 2 finds the stream still full with what the watcher x was notified of, so pass 3 comes at once.
  const parts = explain(
    `
history: {commits: [{put: {key: /a}, repeat: 6}, {put: {key: /x}}]}
base: 7
arrivals: {perSecond: 16}
watchers:
  - {name: w, key: /a, rev: 2, stream: s}
  - {name: x, key: /x, rev: 8, stream: s}
  - {name: nearly, key: /a, rev: 5}
  - {name: far, key: /a, rev: 2}
actions: [{at: 60ms, stall: s, for: 40ms}]
parameters: {watchBatchMaxRevs: 2, chanBufLen: 1}
`,
    '/a@6',
    'w',
  );
  t.match(part(parts, 'delivered')?.entry, { via: 'sync', sentUs: 100_000 });
  t.match(part(parts, 'read')?.entry, { timeUs: 100_000, pass: 3 });
});

t.test('what was queued when a connection broke, was sent by no pass that counts', async (t) => {
  const broken = `${TEN_PUTS}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: {every: 1s}, disconnectAt: [150ms]}}
parameters: {watchBatchMaxRevs: 2}
`;
  const parts = explain(broken, '/a@4', 'w');
  t.equal(part(parts, 'read')?.entry.pass, 3);
  t.same(says(parts).slice(-2), ['read', 'delivered']);
});

// An event that its client asked for again was once called lost, and the pass that read it again was taken for the
// first.
t.test('a client that stops within a response loses only what it resumes behind', async (t) => {
  const careless = `${TEN_PUTS}
watchers: [{name: w, key: /a}]
streams: {w: {disconnectAt: [50ms, 60ms], resumeFrom: midTransaction}}
`;
  const parts = explain(careless, '/a@9', 'w');
  t.same(says(parts), ['committed', 'group', 'read', 'delivered', 'notHandled', 'deliveredAgain']);
  t.equal(part(parts, 'read')?.entry.pass, 1);
  t.match(part(parts, 'notHandled'), { handled: 5, of: 10, brokenUs: 50_000, lost: false });
  t.same(says(explain(careless, '/a@3', 'w')), ['committed', 'group', 'read', 'delivered']);

  const transaction = careless.replace('{put: {key: /a}, repeat: 10}', '{txn: [{put: {key: /a}}, {put: {key: /b}}]}');
  const half = transaction.replace('key: /a}]', 'key: /, prefix: true}]');
  t.match(part(explain(half, '/b@2', 'w'), 'notHandled'), { handled: 1, of: 2, lost: true });
});

// Such an event was once said to have been there before the replay began.
t.test('an event that the replay does not come to', async (t) => {
  const early = `${TEN_PUTS}
base: 1
arrivals: {perSecond: 10}
watchers: [{name: w, key: /a}]
`;
  t.same(explain(`${early}until: 500ms\n`, '/a@9', 'w'), [{ says: 'notCommitted', timeUs: 500_000, currentRev: 6 }]);
  t.same(explain(early, '/a@9', 'w', { toRev: 5 }), [{ says: 'noSuchEvent', endRev: 5 }]);
  t.same(explain(early, '/a@12', 'w'), [{ says: 'noSuchEvent', endRev: 11 }]);
  t.same(explain(early, '/b@9', 'w'), [{ says: 'noSuchEvent', endRev: 11 }]);
  t.match(explain(early, '/a@9', 'w')[0], { says: 'committed', timeUs: 800_000 });
});

const WENT_BACK = KNOWN_CASES.find(({ issue }) => issue === 17780)!.scenario;

// The commit of another key, which got the same revision after a restart, was once taken for the commit of the event.
t.test('a revision that is written again is not that of the event', async (t) => {
  const parts = explain(`${WENT_BACK}\netcd: 3.5.13\n`, '/a@3', 'pods');
  t.same(says(parts), ['committed', 'group', 'read', 'delivered', 'undone']);
  t.match(part(parts, 'committed'), { type: 'DELETE', timeUs: undefined });
  t.match(part(parts, 'delivered'), { delayUs: 0 });
  t.match(part(parts, 'undone'), { timeUs: 20_000, currentRev: 1 });
  t.same(says(explain(`${WENT_BACK}\netcd: 3.5.14\n`, '/a@3', 'pods')), ['committed', 'group', 'read', 'delivered']);
});

t.test('an event that is written again has two lives', async (t) => {
  const again = `
history: {commits: [{put: {key: /a}}, {delete: {key: /a}}, {put: {key: /a}}, {put: {key: /a}}, {put: {key: /a}}]}
base: 3
arrivals: {perSecond: 20}
watchers: [{name: early, key: /a, rev: 2}]
actions:
  - {at: 10ms, compact: 3}
  - {at: 20ms, restart: cutShort}
  - {at: 70ms, watch: {name: late, key: /a, rev: 3}}
etcd: 3.5.13
`;
  const parts = explain(again, '/a@3', 'early');
  t.same(says(parts), ['committed', 'group', 'read', 'delivered', 'undone', 'committed', 'client', 'group', 'lostTo']);
  const written = parts.filter(({ says }) => says === 'committed');
  t.match(written, [
    { type: 'DELETE', timeUs: undefined },
    { type: 'PUT', timeUs: 100_000 },
  ]);
  t.match(part(parts, 'client'), { before: true, entry: { what: 'resumed', startRev: 4 } });

  const late = explain(again, '/a@3', 'late');
  t.same(says(late).slice(-3), ['committed', 'group', 'delivered']);
});

// The history was once searched only before and after the replay, and neither contains what is written and lost
// between.
t.test('an event that a restart has undone', async (t) => {
  const gone = `
history: {commits: [{put: {key: /a}}, {put: {key: /b}}, {delete: {key: /b}}]}
base: 1
arrivals: {perSecond: 10}
watchers: [{name: w, key: /, prefix: true}, {name: stuck, key: /, prefix: true}]
streams: {stuck: {consumer: never}}
actions: [{at: 350ms, compact: 4}, {at: 400ms, restart: cutShort}]
etcd: 3.5.13
`;
  const parts = explain(gone, '/b@3', 'w');
  t.same(says(parts), ['committed', 'group', 'delivered', 'undone']);
  t.match(part(parts, 'committed'), { type: 'PUT', timeUs: 200_000 });
  t.match(part(parts, 'undone'), { timeUs: 400_000, currentRev: 2 });
  const stuck = explain(gone, '/b@3', 'stuck');
  t.same(says(stuck), ['committed', 'group', 'undone', 'lostTo']);
  t.equal(part(stuck, 'lostTo')?.behaviour, 'scheduledCompactRev');
  // The later cancel of the watcher does not matter here.
  const cancelled = gone
    .replace('consumer: never', 'consumer: {every: 1ms}')
    .replace('actions: [', 'actions: [{at: 0ms, stall: stuck, for: 450ms}, {at: 420ms, compact: 2}, ');
  const later = explain(cancelled, '/b@3', 'stuck');
  t.same(says(later), ['committed', 'group', 'undone', 'lostTo']);
});

// The API of etcd refuses such a transaction, and so do scenarios, but a file may contain one.
t.test('a put and a delete of the key in one transaction are two events', async (t) => {
  const both = [
    { put: '/a', value: Buffer.from('1') },
    { delete: '/a', end: undefined },
  ];
  const source = openScripted({ history: { commits: listedTransactions([both]) } });
  const watcher = { key: '/a', filters: [], prevKv: false };
  const watch: WatchSpec[] = [
    { ...watcher, name: 'w' },
    { ...watcher, name: 'puts', filters: ['nodelete'] },
  ];
  const plan = planReplay(source, { watch });
  const partsFor = (name: string) =>
    explainEvent(source.open(plan), plan.options, { key: '/a', revision: 2 }, name)[0]!.parts;
  t.match(
    partsFor('w').filter(({ says }) => says === 'delivered'),
    [{ place: 1 }, { place: 2 }],
  );
  t.same(says(partsFor('puts')), ['committed', 'group', 'read', 'delivered', 'committed', 'filtered']);
});

t.test('what compaction has taken, a client that comes back before it can still be given', async (t) => {
  const lost = `${TEN_PUTS}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: {every: 150ms}DISCONNECT}}
parameters: {chanBufLen: 1}
actions: [{at: 160ms, compact: 11}]
etcd: 3.5.12
until: 640ms
`;
  t.same(explain(lost.replace('DISCONNECT', ''), '/a@11', 'w').slice(-1), [
    { says: 'lostTo', behaviour: 'compactedChannelFull' },
  ]);
  const back = explain(lost.replace('DISCONNECT', ', disconnectAt: [420ms]'), '/a@11', 'w');
  t.same(says(back).slice(-1), ['cancelled']);
});

// The event was once said to wait in the stream because some other response was still queued there.
t.test('what cannot come any more is not said to wait in the stream', async (t) => {
  const stuck = (actions: string, consumer = 'never') => `${TEN_PUTS}
watchers: [{name: w, key: /a}]
streams: {w: {consumer: ${consumer}}}
parameters: {watchBatchMaxRevs: 2, chanBufLen: 2}
actions: [${actions}]
until: 900ms
`;
  t.test('the watcher was cancelled', async (t) => {
    // The response that is taken at 110 ms makes room for the cancel, which then waits behind another response.
    const parts = explain(
      stuck('{at: 0ms, stall: w, for: 110ms}, {at: 110ms, compact: 11}', '{every: 600ms}'),
      '/a@9',
      'w',
    );
    t.match(parts[parts.length - 1], { says: 'cancelled', timeUs: 200_000, compactRev: 11 });
  });

  t.test('its client has cancelled it', async (t) => {
    const parts = explain(stuck('{at: 50ms, cancel: w}'), '/a@3', 'w');
    t.match(parts[parts.length - 1], { says: 'left', timeUs: 50_000 });
  });

  t.test('unlike a connection that broke', async (t) => {
    const away = stuck('').replace('consumer: never', 'disconnectAt: [50ms], reconnectAfter: 10s');
    t.match(explain(away, '/a@6', 'w').slice(-1), [{ says: 'notYet', group: { because: 'disconnected' } }]);
  });

  t.test('a watcher from revision -1 has spoilt the pass', async (t) => {
    const spoilt = (etcd: string) => `
history: {commits: [{put: {key: /a}, repeat: 3}]}
watchers: [{name: below, key: /z, rev: -1}, {name: w, key: /a, rev: 2}]
etcd: ${etcd}
`;
    t.same(explain(spoilt('3.5.23'), '/a@3', 'w').slice(-1), [{ says: 'lostTo', behaviour: 'negativeStart' }]);
    t.match(explain(spoilt('3.5.24'), '/a@3', 'w').slice(-1), [{ says: 'delivered' }]);
  });

  t.test('the server has refused it', async (t) => {
    const below = `${TEN_PUTS}\nwatchers: [{name: below, key: /a, rev: -1}]`;
    t.same(says(explain(below, '/a@3', 'below')), ['committed', 'refused']);
  });

  t.test('compaction has overtaken it', async (t) => {
    const overtaken = stuck('{at: 350ms, compact: 9}');
    const parts = explain(overtaken, '/a@10', 'w');
    t.match(parts[parts.length - 1], { says: 'overtaken', minRev: 8, compactRev: 9 });
    t.match(explain(overtaken, '/a@4', 'w').slice(-1), [{ says: 'notTaken', queued: 2 }]);
    t.match(explain(overtaken, '/a@6', 'w').slice(-1), [{ says: 'notTaken', queued: 2 }]);
  });

  t.test('but a pass may have brought it further than its last change of group says', async (t) => {
    const parts = explain(stuck('{at: 110ms, compact: 4}').replace('900ms', '150ms'), '/a@8', 'w');
    t.match(parts[parts.length - 1], { says: 'notTaken', queued: 2 });
  });

  t.test('nor does minRev say what is in the stream where a notification does not advance it', async (t) => {
    const notified = `
history: {commits: [{put: {key: /a}, repeat: 3}, {put: {key: /b}, repeat: 9}]}
base: 3
arrivals: {perSecond: 100}
watchers: [{name: w, key: /a, rev: 4}]
streams: {w: {consumer: never}}
actions: [{at: 99ms, restore: true}, {at: 99ms, compact: 10}]
until: 900ms
`;
    const parts = explain(`${notified}etcd: 3.5.7\n`, '/a@4', 'w');
    t.match(part(parts, 'group')?.entry, { because: 'started' });
    // The cancel waits behind the event.
    t.match(parts[parts.length - 1], { says: 'notTaken', queued: 2 });
  });
});

// Such progress once counted as a newer response, as if the client had handled the one before.
t.test('progress for another watcher of the stream is no response to this one', async (t) => {
  const shared = `
history: {commits: [{put: {key: /a}, repeat: 2}]}
watchers: [{name: w, key: /a, rev: 2, stream: s}, {name: other, key: /z, rev: 0, stream: s, progressNotify: true}]
streams: {s: {disconnectAt: [250ms], resumeFrom: midTransaction}}
parameters: {progressNotifyInterval: 100ms}
until: 300ms
`;
  t.match(
    explain(shared, '/a@3', 'w').filter((part) => part.says === 'notHandled'),
    [{ handled: 1, of: 2, brokenUs: 250_000, lost: false }],
  );
});

t.test('an event that a client saw only as a part of what it listed', async (t) => {
  const relisting = `${TEN_PUTS}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: w, key: /a}]
streams: {w: {client: reflector, disconnectAt: [35ms, 300ms], reconnectAfter: 40ms}}
actions: [{at: 65ms, compact: {behind: 0}}]
`;
  const parts = explain(relisting, '/a@5', 'w');
  t.match(part(parts, 'seenAsState')?.entry, { what: 'relisted', startRev: 12 });
  // What becomes of the client after its list does not matter.
  t.same(says(parts), ['committed', 'group', 'client', 'group', 'group', 'client', 'seenAsState']);
  t.match(explain(relisting.replace('reflector', 'etcd'), '/a@5', 'w').at(-1), { says: 'cancelled', compactRev: 7 });
});
