// Each kind of client goes on in its own way after its connection broke or compaction ended its watcher. What it loses
// or sees twice is told.

import t from 'tap';
import type { ResumeFrom } from '../../../src/replay/run/replay-options.js';
import fc from '../../support/fast-check.js';
import { revisionsOf, runScenario, summaryOf } from '../../support/run-scenario.js';

/** Revision r is committed at (r - 1) * 10 ms. */
const HISTORY = `
history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 40}]}
base: 1
arrivals: {perSecond: 100}
`;
const revisions = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const broken = (resumeFrom: ResumeFrom, more = '') =>
  runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 2}]
streams: {w: {disconnectAt: [105ms], reconnectAfter: 100ms, resumeFrom: ${resumeFrom}}}
${more}
`);

t.test('a client that sends its first request again sees all of it twice', async (t) => {
  const run = broken('start');
  t.same(revisionsOf(run, 'w'), [...revisions(2, 11), ...revisions(2, 41)]);
  const [first] = run.checked.violations;
  t.equal(first?.guarantee, 'ordered');
  t.equal(run.checked.ledgers.get('w')?.twice.count, 10);
  t.equal(summaryOf(run, 'w').undelivered, 0);
});

t.test('a client that sends a first request without a revision again misses what was written meanwhile', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 0}]
streams: {w: {disconnectAt: [105ms], reconnectAfter: 100ms, resumeFrom: start}}
`);
  t.same(revisionsOf(run, 'w'), [...revisions(2, 11), ...revisions(22, 41)]);
  t.equal(run.checked.ledgers.get('w')?.lost.count, 10);
});

t.test('a client that resumes from now misses what was written meanwhile', async (t) => {
  const run = broken('now');
  t.same(revisionsOf(run, 'w'), [...revisions(2, 11), ...revisions(22, 41)]);
  t.same(
    run.checked.violations.map(({ guarantee, revision }) => [guarantee, revision]),
    [['reliable', 12]],
  );
  t.equal(run.checked.ledgers.get('w')?.lost.count, 10);
  t.equal(summaryOf(run, 'w').undelivered, 10);
  // Nothing comes later that would show the loss.
  const late = runScenario(`${HISTORY}
watchers: [{name: w, key: /a}]
streams: {w: {disconnectAt: [385ms], reconnectAfter: 100ms, resumeFrom: now}}
`);
  t.same(
    late.checked.violations.map(({ guarantee, revision }) => [guarantee, revision]),
    [['undelivered', 40]],
  );
});

// The header of a created answer names the revision of the store, which may lie behind events that are to come.
t.test(
  'a client that takes the revision of the created answer loses what had not come by the next break',
  async (t) => {
    const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 2}]
streams: {w: {disconnectAt: [55ms, 205ms], reconnectAfter: 100ms, resumeFrom: created}}
parameters: {resyncPeriod: 1s}
`);
    // The pass that would have read revisions 7 to 16 comes at 1 s; the second connection answered at revision 16.
    t.same(revisionsOf(run, 'w'), [...revisions(2, 6), ...revisions(16, 41)]);
    t.equal(run.checked.ledgers.get('w')?.lost.count, 9);

    const above = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 35}]
streams: {w: {disconnectAt: [55ms], resumeFrom: created}}
`);
    t.equal(revisionsOf(above, 'w')[0], 2);
    t.equal(above.checked.violations[0]?.guarantee, 'resumable');
  },
);

t.test('progress moves a reflector on, and no other client', async (t) => {
  const run = (client: string) =>
    runScenario(`${HISTORY}
watchers: [{name: w, key: /b}]
streams: {w: {client: ${client}, disconnectAt: [215ms], reconnectAfter: 10ms}}
actions: [{at: 205ms, progress: w}, {at: 216ms, compact: 20}]
`);
  const etcd = run('etcd');
  t.equal(summaryOf(etcd, 'w').compactRevision, 20);
  const reflector = run('reflector');
  t.match(summaryOf(reflector, 'w'), { compactRevision: undefined, timesRelisted: 0, group: 'synced' });
});

t.test('a reflector lists again after a compaction, and sees what was before as state', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a}]
streams: {w: {client: reflector, disconnectAt: [105ms], reconnectAfter: 100ms, relistAfter: 20ms}}
actions: [{at: 150ms, compact: 14}]
limits: {delay: 50ms}
`);
  t.same(run.checked.violations, []);
  t.equal(run.checked.ledgers.size, 0);
  t.same(revisionsOf(run, 'w'), [...revisions(2, 11), ...revisions(33, 41)]);
  t.match(summaryOf(run, 'w'), {
    timesResumed: 1,
    timesRelisted: 1,
    seenAsState: 21,
    undelivered: 0,
    compactRevision: undefined,
    group: 'synced',
    // Revision 12 is written at 110 ms; the cancel comes with the pass at 300 ms, and the list 20 ms later.
    maxDelayUs: 210_000,
  });
  t.equal(run.exceeded.length, 1);
});

t.test('a list whose connection breaks is begun again', async (t) => {
  const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 2}, {name: left, key: /a, rev: 2}]
streams:
  w: {client: reflector, disconnectAt: [105ms, 310ms], reconnectAfter: 100ms, relistAfter: 20ms}
  left: {client: reflector, disconnectAt: [105ms], reconnectAfter: 100ms, relistAfter: 20ms}
actions: [{at: 150ms, compact: 14}, {at: 310ms, cancel: left}]
`);
  t.same(run.checked.violations, []);
  t.same(revisionsOf(run, 'w'), revisions(2, 11));
  t.match(summaryOf(run, 'w'), { timesRelisted: 1, seenAsState: 30, undelivered: 0, group: 'synced' });
  t.match(summaryOf(run, 'left'), { timesRelisted: 0, group: 'cancelled' });
});

// What a client is given, and what it lists, together are the history: a reflector misses nothing, and no other client
// that is honest about its last event does while nothing is compacted.
t.test('a reflector misses nothing, whatever happens', async () => {
  const at = fc.integer({ min: 1, max: 450 });
  const scenario = fc.record({
    breaks: fc.uniqueArray(at, { maxLength: 3 }).map((times) => times.sort((a, b) => a - b)),
    backAfter: fc.integer({ min: 0, max: 60 }),
    compactions: fc.uniqueArray(at, { maxLength: 3 }),
    listing: fc.integer({ min: 0, max: 60 }),
    every: fc.integer({ min: 1, max: 40 }),
    buffer: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(scenario, ({ breaks, backAfter, compactions, listing, every, buffer }) => {
      const run = runScenario(`${HISTORY}
watchers: [{name: w, key: /a, rev: 2}]
streams:
  w:
    client: reflector
    consumer: {every: ${every}ms}
    disconnectAt: [${breaks.map((time) => `${time}ms`)}]
    reconnectAfter: ${backAfter}ms
    relistAfter: ${listing}ms
actions: [${compactions.map((time) => `{at: ${time}ms, compact: {behind: 1}}`)}]
parameters: {chanBufLen: ${buffer}}
`);
      const { events, seenAsState, undelivered, timesRelisted } = summaryOf(run, 'w');
      const seen = new Set(revisionsOf(run, 'w'));
      const listed = run.entries.flatMap((entry) =>
        entry.kind === 'client' && entry.what === 'relisted' ? [entry.startRev! - 1] : [],
      );
      const missing = revisions(2, 41).filter((rev) => !seen.has(rev) && rev > (listed.at(-1) ?? 0));
      return (
        run.checked.violations.length === 0 &&
        seen.size === events &&
        listed.length === timesRelisted &&
        missing.length === undelivered &&
        events + seenAsState + undelivered === 40
      );
    }),
  );
});
