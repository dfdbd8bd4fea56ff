import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { parseScenario } from '../../src/replay/parse-scenario.js';

t.test('a scenario with everything in it', async (t) => {
  const { history, baseRev, fromRev, toRev, parameters, options } = parseScenario(
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
  t.same(history, {
    commits: [
      [{ put: '/a', value: Buffer.from('v0') }],
      [{ put: '/a', value: Buffer.from('v1') }],
      [
        { put: '/b', value: Buffer.from('') },
        { delete: '/a', end: '/b' },
      ],
    ],
  });
  t.same([baseRev, fromRev, toRev], [2, 1, 4]);
  t.same(parameters, { chanBufLen: 2, resyncPeriodUs: 50_000 });
  t.same(options.watchers, [
    { name: 'pods', key: '/', end: '0', startRev: 3, filters: ['nodelete'], prevKv: true, stream: 's' },
    { name: 'one', key: '/a', end: undefined, filters: [], prevKv: false },
    { name: 'w0', key: '/0/', end: '/00', filters: [], prevKv: false, stream: 's0' },
    { name: 'w1', key: '/1/', end: '/10', filters: [], prevKv: false, stream: 's1' },
  ]);
  t.same(options.streams.get('s'), {
    consumer: { pace: 'interval', intervalUs: 10_000 },
    client: { disconnectAtUs: [1e6, 1.5e6], reconnectAfterUs: 20_000, resumeFrom: 'header' },
  });
  t.same(options.streams.get('one')?.consumer, { pace: 'rate', eventsPerSecond: 5 });
  t.same(
    options.actions.map(({ atUs, action }) => [atUs, action]),
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
  t.equal(options.release.version, '3.5.12');
  t.equal(options.untilUs, 90e6);
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
      /lastEvent, header/,
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
    [`${head}actions:\n  - {at: 1s}`, /needs exactly one thing/, /watch, cancel, compact/],
    [`${head}actions:\n  - {at: 1s, stall: s}`, /`stall` and `for` go together/, /for: 5s/],
    [`${head}watchers:\n  - {name: a, key: b, end: a}`, /range is empty/, /\[key, end\)/],
    [`${head}watchers:\n  - {name: '*', key: b}`, /no watcher can be named \*/, /all watchers of a stream/],
    [`${head}watchers:\n  - {name: a, key: b, prefix: true, fromKey: true}`, /`prefix` and `fromKey` exclude/, /^$/],
    [`${head}watchers:\n  - {name: a, key: b, prefix: true, end: c}`, /`end` has no place beside `prefix`/, /^$/],
    [`${head}etcd: 3.3.0`, /older/, /3\.4\.0/],
    // The loop ran for ever at one moment.
    [`${head}parameters: {resyncPeriod: 0us}`, /^x\.yaml: parameters\.resyncPeriod must be above 0/, /1us/],
    [`${head}parameters: {victimRetry: 0.1us}`, /^x\.yaml: parameters\.victimRetry must be above 0/, /1us/],
    [`${head}actions:\n  - {at: 99999999999999m, restore: true}`, /99999999999999m is too long a time/, /at most/],
    [`${head}base: 9007199254740993`, /^x\.yaml:2: base must be <= 9007199254740991/, /./],
    [`${head}watchers:\n  - {name: a, key: b, rev: 1e300}`, /^x\.yaml:3: watchers\.0\.rev must be <= /, /./],
    ['history: {commits: [{put: {key: a}, repeat: 9e15}]}', /commits\.0\.repeat must be <= 10000000/, /^$/],
    // These were told as bugs.
    [`${head}watchers:\n  - *lost`, /^x\.yaml:3: \*lost stands for nothing/, /&name/],
    [
      `a: &a [1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\n${head}watchers: [*d]`,
      /^x\.yaml:1: its aliases stand for too much/,
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
