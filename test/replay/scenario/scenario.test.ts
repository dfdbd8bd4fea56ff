import t from 'tap';
import { MvccwError } from '../../../src/errors.js';
import { NEWEST_RELEASE } from '../../../src/replay/releases/etcd-release.js';
import { DEFAULT_PARAMETERS, DEFAULT_STREAM } from '../../../src/replay/run/replay-options.js';
import type { Transaction } from '../../../src/replay/run/transactions.js';
import { parseScenario } from '../../../src/replay/scenario/parse-scenario.js';
import type { ScenarioHistory } from '../../../src/replay/scenario/scenario.js';
import { openScenario, revisionsOf, runScenario } from '../../support/run-scenario.js';

const written = (history: ScenarioHistory): readonly Transaction[] => {
  if (!('commits' in history)) throw new TypeError('it names a database');
  const { commits } = history;
  return Array.from({ length: commits.length }, (_, place) => commits.at(place));
};

t.test('a scenario with everything in it', async (t) => {
  const { history, baseRev, fromRev, toRev, options } = parseScenario(
    `
about: all of it
history:
  commits:
    - {put: {key: /a, value: "v{i}"}, repeat: 2}
    - txn: [{put: {key: /b}}, {delete: {key: /a, prefix: true}}]
base: 2
from: 1
to: 4
arrivals: {perSecond: 10, poisson: true}
watchers:
  - {name: pods, key: /, prefix: true, rev: 3, filter: [delete], prevKv: true, stream: s}
  - {name: one, key: /a}
  - {name: "w{i}", key: "/{i}/", end: "/{i}0", stream: "s{i}", repeat: 2}
streams:
  s: {consumer: {every: 10ms}, disconnectAt: [1s, 1.5s], reconnectAfter: 20ms, resumeFrom: header}
  one: {consumer: {eventsPerSecond: 5}}
actions:
  - {at: 1m, compact: 3}
  - {at: 250us, compact: {behind: 1}}
  - {at: 1s, stall: s, for: 2s}
  - {at: 1s, watch: {name: late, key: /z, fromKey: true}}
  - {at: 1s, restart: cutShort}
  - {at: 1s, restore: true}
  - {at: 1s, progress: s}
  - {at: 1s, cancel: pods}
parameters: {chanBufLen: 2, resyncPeriod: 50ms}
cost: measured
etcd: 3.5.12
seed: 7
until: 90s
`,
    'all.yaml',
  );
  t.same(written(history), [
    [{ put: '/a', value: Buffer.from('v0') }],
    [{ put: '/a', value: Buffer.from('v1') }],
    [
      { put: '/b', value: Buffer.from('') },
      { delete: '/a', end: '/b' },
    ],
  ]);
  t.same([baseRev, fromRev, toRev], [2, 1, 4]);
  t.same(options.parameters, { chanBufLen: 2, resyncPeriodUs: 50_000 });
  t.same(options.watchers, [
    { name: 'pods', key: '/', end: '0', startRev: 3, filters: ['nodelete'], prevKv: true, stream: 's' },
    { name: 'one', key: '/a', end: undefined, filters: [], prevKv: false },
    { name: 'w0', key: '/0/', end: '/00', filters: [], prevKv: false, stream: 's0' },
    { name: 'w1', key: '/1/', end: '/10', filters: [], prevKv: false, stream: 's1' },
  ]);
  t.same(options.streams?.get('s'), {
    consumer: { pace: 'interval', intervalUs: 10_000 },
    client: { disconnectAtUs: [1e6, 1.5e6], reconnectAfterUs: 20_000, resumeFrom: 'header' },
  });
  t.same(options.streams?.get('one')?.consumer, { pace: 'rate', eventsPerSecond: 5 });
  t.same(
    options.actions?.map(({ atUs, action }) => [atUs, action]),
    [
      [60e6, 'compact'],
      [250, 'compact'],
      [1e6, 'stall'],
      [1e6, 'watch'],
      [1e6, 'restart'],
      [1e6, 'restore'],
      [1e6, 'progress'],
      [1e6, 'cancel'],
    ],
  );
  t.same(options.arrivals, { commitsPerSecond: 10, poisson: true });
  t.equal(options.release?.version, '3.5.12');
  t.equal(options.untilUs, 90e6);
});

t.test('a scenario holds what was given, and the plan fills in the rest', (t) => {
  const bare = parseScenario('history: {commits: [{put: {key: a}}]}', 'bare.yaml');
  t.strictSame(bare.options, {});
  const yaml = `
history: {commits: [{put: {key: a}}, {put: {key: a}}]}
arrivals: {perSecond: 5}
streams: {empty: {}, broken: {disconnectAt: [1s]}}
parameters: {victimRetry: 1ms}
limits: {lag: 3}
`;
  const { options } = parseScenario(yaml, 'some.yaml');
  t.strictSame(options, {
    arrivals: { commitsPerSecond: 5 },
    streams: new Map([
      ['empty', { client: {} }],
      ['broken', { client: { disconnectAtUs: [1e6] } }],
    ]),
    parameters: { victimRetryUs: 1000 },
    limits: { lagRevs: 3 },
  });
  const { plan } = openScenario(`${yaml}watchers: [{name: empty, key: a}, {name: broken, key: a}]\n`);
  t.match(plan.options, {
    arrivals: { commitsPerSecond: 5, poisson: false },
    parameters: { ...DEFAULT_PARAMETERS, victimRetryUs: 1000 },
    limits: { lagRevs: 3 },
    seed: 1,
    release: NEWEST_RELEASE,
    streams: new Map([
      ['empty', DEFAULT_STREAM],
      ['broken', { ...DEFAULT_STREAM, client: { ...DEFAULT_STREAM.client, disconnectAtUs: [1e6] } }],
    ]),
  });
  t.end();
});

t.test('the range of a delete is written as a watcher’s, and counted', async (t) => {
  const deletes: [text: string, key: string, end: string | undefined][] = [
    ['{key: a}', 'a', undefined],
    // An empty end once meant all keys from this one on, while for a watcher it means this one key.
    ['{key: a, end: ""}', 'a', undefined],
    ['{key: a, end: c}', 'a', 'c'],
    ['{key: a, prefix: true}', 'a', 'b'],
    ['{key: a, fromKey: true}', 'a', ''],
    ['{key: "", prefix: true}', '\0', ''],
  ];
  for (const [text, key, end] of deletes) {
    const { history } = parseScenario(`history: {commits: [{delete: ${text}}]}`, 'x.yaml');
    t.same(written(history), [[{ delete: key, end }]], text);
  }
  // The number in the end of a range once stayed the same, so that the first delete took all keys.
  const run = runScenario(`
history:
  commits:
    - {put: {key: "k{i}a"}, repeat: 3}
    - {delete: {key: "k{i}", end: "k{i}z"}, repeat: 3}
watchers: [{name: all, key: "", prefix: true}]
`);
  t.same(revisionsOf(run, 'all'), [2, 3, 4, 5, 6, 7]);
});

t.test('what is wrong is told with its line, its field, and what is allowed', async (t) => {
  const head = 'history: {commits: []}\n';
  const table: [yaml: string, message: RegExp, hint: RegExp][] = [
    ['', /^x\.yaml:1: the scenario must be object/, /^$/],
    ['watchers: []', /^x\.yaml:1: the scenario must have required property 'history'/, /^allowed are about, history/],
    ['history: {commits: [}', /^x\.yaml:1: /, /YAML/],
    [`${head}watchrs: []`, /^x\.yaml:2: watchrs is not known/, /allowed are about, history/],
    [
      `${head}watchers:\n  - {name: a, key: b}\n  - name: c\n    kye: d`,
      /^x\.yaml:5: watchers\.1\.kye is not known/,
      /name, key/,
    ],
    [`${head}until: 5`, /^x\.yaml:2: until is not written as it must be$/, /250us/],
    [
      `${head}actions:\n  - {at: soon, restore: true}`,
      /^x\.yaml:3: actions\.0\.at is not written as it must be$/,
      /10ms/,
    ],
    [
      `${head}streams:\n  s: {resumeFrom: memory}`,
      /^x\.yaml:3: streams\.s\.resumeFrom must be equal/,
      /lastEvent, bookmark, header/,
    ],
    [
      `${head}streams:\n  s:\n    consumer: {evry: 1s}`,
      /^x\.yaml:4: streams\.s\.consumer\.evry is not known$/,
      /^allowed are every, eventsPerSecond$/,
    ],
    [
      `${head}streams:\n  s:\n    consumer: {every: 1}`,
      /^x\.yaml:4: streams\.s\.consumer\.every is not written as it must be$/,
      /250us/,
    ],
    [
      `${head}streams:\n  s:\n    consumer: nevr`,
      /^x\.yaml:4: streams\.s\.consumer must be equal/,
      /^allowed are atOnce, never, \{every\}, \{eventsPerSecond\}$/,
    ],
    [`${head}etcd: 3.5`, /^x\.yaml:2: etcd is not written/, /X\.Y\.Z/],
    [`${head}base: 0`, /^x\.yaml:2: base must be >= 1/, /time 0/],
    [`${head}actions:\n  - {at: 1s}`, /^x\.yaml:3: actions\.0 has too few fields$/, /of watch, cancel, compact/],
    [
      `${head}actions:\n  - {at: 1s, restore: true}\n  - {at: 1s, restore: true, compact: 4}`,
      /^x\.yaml:4: actions\.1 has too many fields$/,
      /exactly one thing/,
    ],
    [`${head}actions:\n  - {at: 1s, stall: s}`, /^x\.yaml:3: actions\.0 must have property for when/, /its `for`/],
    [`${head}actions:\n  - {at: 1s, for: 1s}`, /^x\.yaml:3: actions\.0 must have property stall when/, /its `for`/],
    [
      `${head}actions:\n  - {at: 1s, compact: 3, for: 1s}`,
      /^x\.yaml:3: actions\.0 must have property stall when/,
      /its `for`/,
    ],
    ...['{}', '{repeat: 3}'].map((text): [string, RegExp, RegExp] => [
      `history: {commits: [${text}]}`,
      /^x\.yaml:1: history\.commits\.0 has too few fields$/,
      /either a put, a delete, or several in a txn/,
    ]),
    [
      'history: {commits: [{put: {key: a}, delete: {key: b}}]}',
      /^x\.yaml:1: history\.commits\.0 has too many fields$/,
      /either a put, a delete, or several in a txn/,
    ],
    [
      'history: {commits: [{txn: [{put: {key: a}}, {put: {key: a}}]}]}',
      /^x\.yaml:1: history\.commits\.0\.txn: .* "a" is put twice$/,
      /one put or delete only/,
    ],
    [
      'history: {commits: [{txn: [{delete: {key: a, prefix: true}}, {put: {key: ab}}]}]}',
      /"ab" is put and deleted$/,
      /one put or delete only/,
    ],
    [`${head}watchers:\n  - {name: "*", key: b}`, /^x\.yaml:3: watchers\.0\.name is not written as it must/, /not \*/],
    [
      `${head}watchers:\n  - {name: a, key: b, repeat: 2}`,
      /^x\.yaml:3: watchers\.0\.name is not written as it must/,
      /\{i\}/,
    ],
    [`${head}watchers:\n  - {name: a, key: ""}`, /^x\.yaml:3: watchers\.0\.key is empty$/, /only with `prefix` or/],
    [
      `${head}watchers:\n  - {name: a, key: b, end: c, prefix: true}`,
      /^x\.yaml:3: watchers\.0\.end has no place here$/,
      /^`end` has no place beside `prefix`$/,
    ],
    [
      `history: {commits: [{put: {key: "a{i}"}, repeat: 600000}, {put: {key: "b{i}"}, repeat: 600000}]}`,
      /^x\.yaml:1: history\.commits: there are 1200000 puts and deletes$/,
      /^at most 1000000/,
    ],
    [
      `history: {commits: [{put: {key: a, value: "${'v'.repeat(300)}"}, repeat: 1000000}]}`,
      /^x\.yaml:1: history\.commits: there are 301000000 bytes of keys and values, repeats included$/,
      /^at most 268435456$/,
    ],
    ['history: {commits: [{put: {key: "a{i}"}, repeat: 10000000}]}', /repeat must be <= 1000000$/, /^$/],
    [
      `${head}watchers:\n  - {name: "a{i}", key: a, repeat: 13000}\n  - {name: "b{i}", key: a, repeat: 13000}`,
      /^x\.yaml:3: watchers: there are 26000 watchers$/,
      /^at most 25000/,
    ],
    [
      `${head}watchers:\n  - {name: a, key: b, end: a}`,
      /^x\.yaml:3: watchers\.0: the watch range is empty/,
      /\[key, end\)/,
    ],
    [
      `${head}watchers:\n  - {name: '*', key: b}`,
      /^x\.yaml:3: watchers\.0\.name is not written as it must/,
      /not \*, which speaks for a whole stream/,
    ],
    [
      `${head}watchers:\n  - {name: a, key: b, prefix: true, fromKey: true}`,
      /^x\.yaml:3: watchers\.0\.fromKey has no place here$/,
      /^`prefix` and `fromKey` exclude/,
    ],
    [
      `${head}watchers:\n  - {name: a, key: b, prefix: true, end: c}`,
      /\.end has no place here$/,
      /^`end` has no place beside `prefix`$/,
    ],
    [
      'history: {commits: [{delete: {key: b, end: a}}]}',
      /^x\.yaml:1: history\.commits\.0\.delete: the range of a delete is empty/,
      /\[key, end\)/,
    ],
    [
      'history: {commits: [{delete: {key: a, end: b, prefix: true}}]}',
      /\.end has no place here$/,
      /^`end` has no place beside `prefix`$/,
    ],
    [
      'history: {commits: [{delete: {key: ""}}]}',
      /^x\.yaml:1: history\.commits\.0\.delete\.key is empty$/,
      /only with `prefix`/,
    ],
    [`${head}etcd: 3.3.0`, /^x\.yaml:2: etcd is not written as it must be$/, /from 3\.4\.0 on/],
    [
      `${head}actions:\n  - {at: 1s, restore: true}\n  - at: 1s\n    watch: {name: a, key: b, end: a}`,
      /^x\.yaml:5: actions\.1\.watch: the watch range is empty/,
      /./,
    ],
    [
      `${head}streams:\n  s:\n    consumer: atOnce\n    disconnectAt: [1s, 999999999999m]`,
      /^x\.yaml:5: streams\.s\.disconnectAt\.1: 999999999999m is too long/,
      /./,
    ],
    // Such a period once made the loop run for ever at one moment.
    [`${head}parameters: {resyncPeriod: 0us}`, /^x\.yaml:2: parameters\.resyncPeriod is not written/, /1us/],
    [`${head}parameters: {victimRetry: 0.1us}`, /^x\.yaml:2: parameters\.victimRetry: must be above 0/, /1us/],
    [
      `${head}actions:\n  - {at: 99999999999999m, restore: true}`,
      /^x\.yaml:3: actions\.0\.at: 99999999999999m is too long a time/,
      /at most/,
    ],
    [`${head}base: 9007199254740993`, /^x\.yaml:2: base must be <= 9007199254740991/, /./],
    [`${head}watchers:\n  - {name: a, key: b, rev: 1e300}`, /^x\.yaml:3: watchers\.0\.rev must be <= /, /./],
    [
      `${head}streams: {s: {consumer: {eventsPerSecond: 1.0e-12}}}`,
      /^x\.yaml:2: streams\.s\.consumer\.eventsPerSecond must be >= 1e-9$/,
      /^a number from 1e-9 on$/,
    ],
    ['history: {commits: [{put: {key: a}, repeat: 9e15}]}', /commits\.0\.repeat must be <= 1000000$/, /^$/],
    // These mistakes in a scenario were once reported as bugs of mvccw.
    [`${head}watchers:\n  - *lost`, /^x\.yaml:3: the alias \*lost has no anchor &lost before it/, /&name/],
    [
      `a: &a [1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\n${head}watchers: [*d]`,
      /^x\.yaml:1: its aliases expand to too much/,
      /&name/,
    ],
  ];
  for (const [yaml, message, hint] of table) {
    const error = failureOf(yaml);
    t.equal(error.code, 'USAGE', yaml);
    t.match(error.message, message);
    t.match(error.hint ?? '', hint);
  }
});

function failureOf(yaml: string): MvccwError {
  try {
    parseScenario(yaml, 'x.yaml');
  } catch (error) {
    if (error instanceof MvccwError) return error;
    throw error;
  }
  throw new Error(`accepted: ${yaml}`);
}
