// These tests check how the outcome of a replay is shown: as a summary, as a timeline, and as lines for machines.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { REPLAY_SCHEMA } from '../../src/output/replay/json-schema.js';
import { KNOWN_CASES } from '../../src/replay/releases/known-cases.js';
import { type RunOptions, runCli } from '../support/run-cli.js';

/**
 * The scenario commits revisions 2 to 11 at 0.1, 0.2 ... 1 s; its consumer takes a response each 300 ms, and its stream
 * holds two.
 */
const SLOW = `
history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 10}]}
base: 1
arrivals: {perSecond: 10}
watchers:
  - {name: slow, key: /, prefix: true}
  - {name: quick, key: /, prefix: true, filter: [put]}
streams: {slow: {consumer: {every: 300ms}}}
actions: [{at: 450ms, progress: quick}]
parameters: {chanBufLen: 2}
`;

async function replay(t: Test, scenario: string, args: readonly string[], options?: RunOptions) {
  const path = join(t.testdir(), 'scenario.yaml');
  writeFileSync(path, scenario);
  return runCli(['replay', path, ...args], options);
}

interface Line {
  kind: string;
  watcher: string;
  [field: string]: unknown;
}

function linesOf(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

t.test('lag, delay, buffer, and etcd’s counters', async (t) => {
  const { stdout } = await replay(t, SLOW, ['--summary', '-w', 'json']);
  const lines = linesOf(stdout);
  t.same(
    lines.map(({ kind }) => kind),
    ['replay', 'watcher', 'watcher', 'end'],
  );
  const [, slow, quick, end] = lines;
  // The consumer takes revision 2 at 0.1 s, 3 at 0.4 s, 4 at 0.7 s, 5 at 1 s, 6 at 1.3 s, 7 to 9 at 1.6 s, 10 and 11 at
  // 1.9 s. The revisions that find the stream full are 6, then 7 to 9, then 10 and 11.
  t.match(slow, {
    events: 10,
    repeated: 0,
    filtered: 0,
    undelivered: 0,
    maxLagRevs: 6,
    maxDelayUs: 1_000_000,
    timesVictim: 3,
    lastUs: 1_900_000,
    group: 'synced',
  });
  t.match(quick, { events: 0, filtered: 10, undelivered: 0, maxLagRevs: 0, maxDelayUs: 0, responses: 0 });
  const { stepUs, revs } = slow!.lag as { stepUs: number; revs: number[] };
  const lagAt = (timeUs: number) => revs[Math.floor(timeUs / stepUs)];
  t.same([50_000, 150_000, 250_000, 550_000, 1_250_000, 1_800_000].map(lagAt), [0, 0, 1, 3, 6, 2]);
  t.match(end, {
    currentRev: 11,
    streams: [
      { stream: 'slow', queued: 0, peakQueued: 2, capacity: 2 },
      { stream: 'quick', queued: 0, peakQueued: 1, capacity: 2 },
    ],
    metrics: {
      atEnd: {
        etcd_debugging_mvcc_watch_stream_total: 2,
        etcd_debugging_mvcc_watcher_total: 2,
        etcd_debugging_mvcc_slow_watcher_total: 0,
        etcd_debugging_mvcc_pending_events_total: 0,
        etcd_debugging_mvcc_events_total: 10,
      },
      peak: { etcd_debugging_mvcc_slow_watcher_total: 2, etcd_debugging_mvcc_pending_events_total: 5 },
    },
  });
  const simple = await replay(t, SLOW, ['--summary']);
  t.equal(
    simple.stdout,
    `slow   10 events in 7 batches, synced; at most 6 revisions and 1.000s behind
quick  0 events in 0 batches, synced; 10 filtered
Replayed as etcd 3.7.1.
`,
  );
});

t.test('what is too late is told, with exit status 1', async (t) => {
  const table: [limits: string, args: string[], exitCode: number, told: string][] = [
    ['{lag: 6, delay: 1s}', [], 0, ''],
    ['{lag: 5}', [], 1, 'Exceeded limit: watcher slow was 6 revisions behind, waiting for /a@5; the limit is 5\n'],
    ['{lag: 5}', ['--max-lag', '6'], 0, ''],
    [
      '{delay: 999ms}',
      [],
      1,
      'Exceeded limit: watcher slow was given /a@7 1.000s late, or not at all; the limit is 0.999s\n',
    ],
    ['{lag: 5, delay: 1ms}', ['--max-lag', '9', '--max-delay', '2s'], 0, ''],
    [
      '{}',
      ['--max-lag', '0', '--check', 'off'],
      1,
      'Exceeded limit: watcher slow was 6 revisions behind, waiting for /a@5; the limit is 0\n',
    ],
    ['{memory: 1kB}', [], 0, ''],
    [
      '{memory: 1kB}',
      ['--max-memory', '20B'],
      1,
      'Exceeded limit: pending events held 78 bytes at 1.100s; the limit is 20\n',
    ],
  ];
  for (const [limits, args, exitCode, told] of table) {
    const { stderr, ...run } = await replay(t, `${SLOW}limits: ${limits}\n`, ['--summary', ...args]);
    t.strictSame([run.exitCode, stderr], [exitCode, told], `${limits} ${args.join(' ')}`);
  }
  const { stdout } = await replay(t, `${SLOW}limits: {lag: 2}\n`, ['--summary', '-w', 'json']);
  t.match(
    linesOf(stdout).filter(({ kind }) => kind === 'exceeded'),
    [{ watcher: 'slow', limit: 'lagRevs', allowed: 2, found: 6, event: { key: 'L2E=', revision: 5 } }],
  );
  const held = await replay(t, `${SLOW}limits: {memory: 0B}\n`, ['--summary', '-w', 'json']);
  t.match(
    linesOf(held.stdout).filter(({ kind }) => kind === 'exceeded' || kind === 'end'),
    [
      { watcher: '*', limit: 'memoryBytes', allowed: 0, found: 78, timeUs: 1_100_000 },
      { memory: { peakBytes: 78, peakUs: 1_100_000 }, streams: [{ peakBytes: 78 }, {}] },
    ],
  );
  t.match(await replay(t, SLOW, ['--max-memory', 'much']), { exitCode: 2, stderr: /^Error: --max-memory.*\n.*64MiB/ });
  const odd = `${SLOW.replaceAll('/a', '"/a\\n"')}limits: {delay: 999ms}\n`;
  t.match((await replay(t, odd, ['--summary'])).stderr, ' was given /a\\n@7 1.000s late', 'as --explain takes it');
  t.match(await replay(t, SLOW, ['--max-delay', '5']), {
    exitCode: 2,
    stderr: /^Error: --max-delay.*: .*\nHint: .*250us/,
  });
  t.match(await replay(t, SLOW, ['--max-lag', 'much']), { exitCode: 2, stderr: /^Error: --max-lag/ });
});

t.test('what is likely not meant is hinted at', async (t) => {
  const table: [more: string, args: string[], hint: string][] = [
    [
      'actions: [{at: 1s, cancel: late}, {at: 2s, watch: {name: late, key: x}}]\n',
      [],
      'Hint: at 1.000s, cancel late: refused, no watcher named "late" has been started\n',
    ],
    [
      'actions: [{at: 1s, compact: 99}]\n',
      [],
      'Hint: at 1.000s, compact 99: refused, revision 99 is in the future: the newest is 10\n',
    ],
    [
      '',
      ['--base-rev', '11'],
      'Hint: no revision is left to be committed: all of the history is there at time 0, unless a base revision is given\n',
    ],
  ];
  for (const [more, args, hint] of table) {
    const scenario = more === '' ? SLOW : SLOW.replace(/actions: .*\n/, more);
    t.match(await replay(t, scenario, ['--summary', ...args]), { exitCode: 0, stderr: hint });
  }
  t.match(await replay(t, SLOW, ['--watcher', 'slow']), {
    exitCode: 2,
    stderr: /^Error: --watcher needs an event to explain\nHint: /,
  });
  t.match(await replay(t, SLOW, ['--explain', '/a\udcff@40']), {
    exitCode: 2,
    stderr: /^Error: an argument is not UTF-8\nHint: write other bytes of a key as \\xNN/,
  });
});

t.test('a timeline, as wide as the terminal', async (t) => {
  t.equal(
    (await replay(t, SLOW, ['--timeline'])).stdout,
    `         0.000s          0.338s          0.676s          1.013s          1.351s              1.900s
actions                       a
slow     ▒──────────────────────███████████▒▒▒███████████▒▒▒███████████────────────────────────────
 behind           ▂▂▂▂▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▆▆▆▆▆▆▆▆▆▇▇▇▇▇████████████████████▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▃▃▃▃▃▃▃▃▃▃▃▃▃
quick    ▒─────────────────────────────────────────────────────────────────────────────────────────

a  0.450s  progress quick
█ victim   ▒ unsynced   ─ synced   · cancelled

slow   10 events in 7 batches, synced; at most 6 revisions and 1.000s behind
quick  0 events in 0 batches, synced; 10 filtered
Replayed as etcd 3.7.1.
`,
    'in a pipe',
  );
  const narrow = await replay(t, SLOW, ['--timeline'], { columns: 60, isTTY: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const plain = narrow.stdout.replace(/\x1b\[\d+m/g, '');
  t.not(plain, narrow.stdout, 'coloured');
  t.ok(plain.split('\n').some((line) => line.length > 50));
  t.ok(
    plain.split('\n').every((line) => line.length <= 60),
    plain,
  );
  t.match(plain, /^slow {3}10 events .*\n {7}and 1\.000s behind\nquick /m);
  t.match(
    (await replay(t, SLOW, ['--timeline', '-w', 'json'])).stderr,
    /^Error: --timeline draws for people, and not as json\nHint: /,
  );
  t.equal((await replay(t, SLOW, ['--timeline', '--trace'])).exitCode, 2);
});

/** The scenario has fifty watchers of the same kind and one of another kind. */
const CROWD = `
history: {commits: [{put: {key: /a}, repeat: 10}, {put: {key: /b}}]}
base: 1
arrivals: {perSecond: 10}
watchers:
  - {name: other, key: /b}
${Array.from({ length: 50 }, (_, i) => `  - {name: w${i}, key: /a}\n`).join('')}
actions: [{at: 600ms, cancel: other}]
`;

t.test('a summary as fields', async (t) => {
  // The command once printed nothing.
  const { stdout } = await replay(t, SLOW, ['--summary', '-w', 'fields']);
  t.equal(
    stdout,
    `"Watcher" : "slow"
"Stream" : "slow"
"End" : "synced"
"Events" : 10
"Batches" : 7
"Repeated" : 0
"MissingPrevKvs" : 0
"Filtered" : 0
"Undelivered" : 0
"SyncedUs" : 0
"MaxLagRevs" : 6
"MaxDelayUs" : 1000000
"TimesVictim" : 3

"Watcher" : "quick"
"Stream" : "quick"
"End" : "synced"
"Events" : 0
"Batches" : 0
"Repeated" : 0
"MissingPrevKvs" : 0
"Filtered" : 10
"Undelivered" : 0
"SyncedUs" : 0
"MaxLagRevs" : 0
"MaxDelayUs" : 0
"TimesVictim" : 0

"Etcd" : "3.7.1"
"TimeUs" : 1900000
"Revision" : 11
"CompactRevision" : -1
"etcd_debugging_mvcc_watch_stream_total" : 2
"etcd_debugging_mvcc_watcher_total" : 2
"etcd_debugging_mvcc_slow_watcher_total" : 0
"etcd_debugging_mvcc_pending_events_total" : 0
"mvccw_watch_pending_event_bytes" : 0
"etcd_debugging_mvcc_events_total" : 10

`,
  );
  t.ok((await replay(t, SLOW, ['--trace', '-w', 'fields'])).stdout.endsWith(stdout), 'a trace ends with it');
  t.ok((await runCli(['case', '17529', '-w', 'fields'])).stdout.startsWith('"Watcher" : "slow"\n'));
});

t.test('a view that a format does not have is refused before anything is printed', async (t) => {
  const table: [args: string[], message: string][] = [
    [['--trace', '-w', 'table'], '--trace has no tables'],
    [['--timeline', '-w', 'table'], '--timeline draws for people, and not as table'],
  ];
  for (const [args, message] of table) {
    for (const run of [await replay(t, SLOW, args), await runCli(['case', '17529', ...args])]) {
      t.match(run, { exitCode: 2, stdout: '' });
      t.ok(run.stderr.startsWith(`Error: ${message}\nHint: `), run.stderr);
    }
  }
});

t.test('in the timeline of many watchers, those that fared alike share a lane', async (t) => {
  const { stdout } = await replay(t, CROWD, ['--timeline']);
  t.match(stdout, /^w0 \+49 .*─$/m);
  t.match(stdout, '\n+N  so many more fared alike; --summary lists all\n');
  t.match(stdout, /^other .*·$/m);
  t.match(stdout, /^w0 {5}10 events in /m);
  t.equal(stdout.match(/ events? in /g)!.length, 2, 'so many are drawn');
  t.equal((await replay(t, CROWD, ['--summary'])).stdout.match(/ events? in /g)!.length, 51);
});

/** The scenario has values so large that a response of two events exceeds the largest message. */
const FRAGMENTS = `
history: {commits: [{put: {key: /a, value: ${'x'.repeat(300_000)}}, repeat: 3}]}
watchers: [{name: w, key: /a, fragment: true}]
actions: [{at: 50ms, progress: w}]
parameters: {maxRequestBytes: 1}
`;

t.test('a response that came in several messages', async (t) => {
  const { stdout } = await replay(t, FRAGMENTS, ['--trace']);
  t.match(stdout, /^0\.000s {2}w {2}is told that it is created, the store at 4$/m);
  t.equal(stdout.match(/^0\.000s {2}w {2}a part of a response: 1 event, and more to come$/gm)?.length, 2);
  t.match(stdout, /^0\.000s {2}w {2}sync {2}3 events of revisions 2\.\.4, the store at 4, in 3 messages$/m);
  const { stdout: short } = await replay(t, FRAGMENTS, []);
  t.notMatch(short, 'told');
  t.notMatch(short, 'a part of');
  const [line] = linesOf((await replay(t, FRAGMENTS, ['-w', 'json'])).stdout);
  t.equal(line!.messages, 3);
});

/** An apiserver whose cache lists again, and a restore from a backup. */
const APISERVER = `
history: {commits: [{put: {key: /pods/a, value: "{i}"}, repeat: 60}]}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /pods/, prefix: true, rev: 2}, {name: etcd, key: /pods/, prefix: true, rev: 2}]
streams:
  pods:
    disconnectAt: [105ms]
    reconnectAfter: 200ms
    cache: {clients: [{name: quick}, {name: slow, consumer: {every: 50ms}, channel: 2, until: 800ms}, {name: later, at: 1s}]}
actions: [{at: 250ms, compact: {behind: 0}}, {at: 455ms, restore: {to: 30}}]
`;

t.test('the summary tells what a cache, its clients and a restore came to', async (t) => {
  const { stdout } = await replay(t, APISERVER, ['--summary']);
  t.match(
    stdout,
    /^pods .* compacted, its client listed again once; 19 seen only as state; .* it waits for revision 47, /m,
  );
  t.match(stdout, /^etcd .* taken back by a restore; .* \(etcd issue 16028\)$/m);
  t.match(stdout, /^pods: the cache is at 46, with 5 events from revision 42 on, of 100; listed again once$/m);
  t.match(stdout, /^ {2}quick {2}15 events, at 46; cut off once; too old once, and listed again$/m);
  t.match(
    stdout,
    /^ {2}slow {2}\d+ events, at \d+; at most .* late, with revision \d+; cut off \d+ times; too old once, /m,
  );
  t.match(stdout, /^ {2}later {2}0 events, at 46$/m);
  t.match((await replay(t, APISERVER, ['--summary', '-w', 'table'])).stdout, /CUT OFF/);
  t.match((await replay(t, APISERVER, ['--summary', '-w', 'fields'])).stdout, '"Client" : "quick"\n"Events" : 15\n');
  const { stdout: trace } = await replay(t, APISERVER, ['--trace']);
  t.match(trace, /^0\.\d+s {2}pods {2}client slow of the cache is cut off behind revision /m);
  t.match(trace, /^0\.400s {2}pods {2}listed at revision 41, and watches from 42$/m);
  t.match(trace, /^0\.455s {2}restore a backup of 30: the store is at 30$/m);
});

// The clients of a cache are who is late in Kubernetes: a limit that only its watch of etcd had to keep found nothing.
t.test('a limit of lateness holds for the clients of a cache too', async (t) => {
  const late = APISERVER.replace('until: 800ms', 'until: 400ms').replace(
    '{name: later',
    '{name: dead, consumer: never}, {name: later',
  );
  const { exitCode, stderr } = await replay(t, late, ['--summary', '--max-delay', '200ms']);
  t.equal(exitCode, 1);
  t.match(
    stderr,
    /^Exceeded limit: client slow of the cache of pods was given revision \d+ 0\.\d+s late, or not at all; the limit is 0\.200s$/m,
  );
  t.match(stderr, /client dead of the cache/, 'one that never came is waited for up to the end');
  t.notMatch(stderr, /client (quick|later)/);
});

t.test('each line is as the schema says, and says nothing else', async (t) => {
  const validate = new Ajv({ strict: false }).compile(REPLAY_SCHEMA);
  const kinds = new Set<string>();
  const runs = [['a limit', (await replay(t, `${SLOW}limits: {lag: 2}`, ['--trace', '-w', 'json'])).stdout]];
  runs.push([
    'an apiserver',
    (await replay(t, `${APISERVER}limits: {delay: 200ms}`, ['--trace', '-w', 'json'])).stdout,
  ]);
  runs.push(['fragments', (await replay(t, FRAGMENTS, ['--trace', '-w', 'json'])).stdout]);
  for (const { name } of KNOWN_CASES) runs.push([name, (await runCli(['case', name, '--trace', '-w', 'json'])).stdout]);
  const { scenario } = KNOWN_CASES[0]!;
  for (const view of ['--explain /a@5', '--explain /a@40', '--explain /a@999', '--compare 3.5.12,3.5.13']) {
    runs.push([view, (await replay(t, scenario, [...view.split(' '), '-w', 'json'])).stdout]);
  }
  for (const [name, stdout] of runs) {
    for (const line of linesOf(stdout!)) {
      kinds.add(line.kind);
      if (!validate(line)) t.fail(`${name}: ${JSON.stringify(line)}: ${JSON.stringify(validate.errors)}`);
      const described = REPLAY_SCHEMA.oneOf.find(
        ({ properties }) => (properties.kind as { const: string }).const === line.kind,
      );
      t.same(
        Object.keys(line).filter((field) => !(field in described!.properties)),
        [],
        `${name}, ${line.kind}`,
      );
    }
  }
  t.same(
    [...kinds].sort(),
    REPLAY_SCHEMA.oneOf.map(({ properties }) => (properties.kind as { const: string }).const).sort(),
  );
});

t.test('what clients lost, or saw twice, by the revision they resumed from', async (t) => {
  const scenario = (resumeFrom: string) => `
history: {commits: [{txn: [{put: {key: /a, value: "{i}"}}, {put: {key: /b, value: "{i}"}}], repeat: 8}]}
watchers: [{name: pods, key: /, prefix: true, rev: 2}]
streams: {pods: {disconnectAt: [50ms], reconnectAfter: 10ms, resumeFrom: ${resumeFrom}}}
parameters: {watchBatchMaxRevs: 3}
`;
  const progress = `${scenario('progress').replace('[50ms]', '[450ms]')}
base: 5
arrivals: {perSecond: 10}
actions: [{at: 250ms, progress: pods}]
`;
  const table: [scenario: string, exitCode: number, said: RegExp][] = [
    [scenario('lastEvent'), 0, /^pods {2}16 events in 3 batches, synced; .*resumed once\nReplayed as etcd 3.7.1.\n$/],
    [
      scenario('header'),
      1,
      /resumed once; 10 not delivered\n {6}lost 10 events: \/a@5, .* and 4 more\nReplayed as etcd 3.7.1.\n$/,
    ],
    [scenario('midTransaction'), 1, /\n {6}lost 1 event: \/b@3\n/],
    [progress, 1, /\n {6}saw twice /],
  ];
  for (const [text, exitCode, said] of table) {
    const run = await replay(t, text, ['--summary']);
    t.equal(run.exitCode, exitCode, `${text}${run.stderr}`);
    t.match(run.stdout, said);
  }
});

t.test('what is wrong with a plan names the scenario', async (t) => {
  const table: [more: string, message: string][] = [
    ['watchers: [{name: a, key: a}, {name: a, key: b}]', 'two watchers are named "a"'],
    ['base: 9\nto: 5', 'the store cannot stand at 9 at the beginning: the history ends at 5'],
  ];
  for (const [more, message] of table) {
    const path = join(t.testdir(), 'scenario.yaml');
    writeFileSync(path, `history: {commits: [{put: {key: a}, repeat: 10}]}\n${more}\n`);
    for (const args of [
      ['replay', path],
      ['replay', path, '--compare', '3.5.0,3.6.0'],
      ['explore', path],
    ]) {
      const { exitCode, stderr } = await runCli(args);
      t.equal(exitCode, 2);
      t.ok(stderr.startsWith(`Error: ${path}: ${message}\n`), stderr);
    }
  }
});
