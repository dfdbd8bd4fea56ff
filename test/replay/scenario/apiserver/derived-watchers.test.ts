// The watchers of an apiserver follow from the prefixes of keys, from its audit log and from metrics; what does not follow
// is said.

import t from 'tap';
import { AuditedWatches } from '../../../../src/replay/scenario/apiserver/audit-line.js';
import { derivedWatchers, type WatchersFrom } from '../../../../src/replay/scenario/apiserver/derived-watchers.js';
import { MetricReader } from '../../../../src/replay/scenario/apiserver/metric-counts.js';
import { resourcePrefixes, storedResource } from '../../../../src/replay/scenario/apiserver/resource-prefixes.js';
import { parseScenario } from '../../../../src/replay/scenario/parse-scenario.js';
import { openScripted } from '../../../../src/replay/scenario/scripted-source.js';

const KEYS = [
  'compact_rev_key',
  '/registry/pods/default/a',
  '/registry/pods/kube-system/b',
  '/registry/minions/n1',
  '/registry/services/specs/default/s',
  '/registry/services/endpoints/default/s',
  '/registry/example.com/widgets/default/w',
  '/registry/apiregistration.k8s.io/apiservices/v1.apps',
  '/registry/events/default/e',
  '/registry/masterleases/10.0.0.1',
  '/registry/ranges/serviceips',
  '/registry/health',
  '/other/deployments/default/d',
];
const historyOf = (keys: readonly string[]) =>
  openScripted(parseScenario(`history: {commits: [${keys.map((key) => `{put: {key: ${key}}}`)}]}`, 'scenario')).history;
const prefixes = resourcePrefixes(historyOf(KEYS));
const START = { listRev: 9, startUs: undefined };
const derived = (from: Partial<WatchersFrom>, start = START as { listRev: number; startUs: number | undefined }) =>
  derivedWatchers({ prefixes, minor: undefined, audited: [], counts: [], ...from }, start);

t.test('a watch for each resource of which there are objects', async (t) => {
  t.same(prefixes.cached, [
    'apiregistration.k8s.io/apiservices',
    'example.com/widgets',
    'minions',
    'pods',
    'services/endpoints',
    'services/specs',
  ]);
  t.same(prefixes.uncached, ['events', 'masterleases', 'ranges']);
  const { watchers, streams, hints } = derived({});
  t.match(
    watchers.find(({ name }) => name === 'services/specs'),
    {
      key: '/registry/services/specs/',
      end: '/registry/services/specs0',
      startRev: 10,
      prevKv: true,
      progressNotify: true,
      stream: undefined,
    },
  );
  t.same([...streams.keys()], prefixes.cached);
  t.match(streams.get('pods'), { client: { resumeFrom: 'bookmark', onCompacted: 'relist' }, cache: { clients: [] } });
  t.match(hints, [/^events have no watch cache/]);
  t.equal(derived({ minor: 20 }).watchers[0]!.progressNotify, undefined);
  t.equal(derived({ minor: 21 }).watchers[0]!.progressNotify, true);
});

t.test('an apiserver may have another prefix', async (t) => {
  for (const prefix of ['/other', 'other/', 'other']) {
    t.same(resourcePrefixes(historyOf(KEYS), prefix), {
      root: '/other/',
      cached: ['deployments'],
      uncached: [],
      namespaced: new Set(['deployments']),
    });
  }
  t.same(resourcePrefixes(historyOf(KEYS), '/'), {
    root: '/',
    cached: ['other', 'registry'],
    uncached: [],
    namespaced: new Set(['other', 'registry']),
  });
  t.throws(() => resourcePrefixes(historyOf(KEYS), '/none'), { code: 'USAGE', message: /below \/none\// });
});

t.test('the resource of a request has its own name in etcd', async (t) => {
  const table: [group: string, resource: string, stored: string | undefined][] = [
    ['', 'pods', 'pods'],
    ['', 'nodes', 'minions'],
    ['', 'services', 'services/specs'],
    ['', 'endpoints', 'services/endpoints'],
    ['example.com', 'widgets', 'example.com/widgets'],
    ['apiregistration.k8s.io', 'apiservices', 'apiregistration.k8s.io/apiservices'],
    ['events.k8s.io', 'events', 'events'],
    ['apps', 'deployments', undefined],
    // These were taken for pods of Kubernetes.
    ['metrics.k8s.io', 'pods', undefined],
    ['custom.metrics.k8s.io', 'pods', undefined],
    ['example.com', 'pods', undefined],
    ['batch', 'pods', 'pods'],
  ];
  for (const [group, resource, stored] of table) t.equal(storedResource(prefixes, group, resource), stored, resource);
});

interface Audited {
  readonly id: string;
  readonly uri: string;
  readonly ref: object;
  readonly from: string;
  readonly until?: string;
  readonly code?: number;
}

function auditOf(watches: readonly Audited[]): AuditedWatches {
  const audit = new AuditedWatches();
  const event = ({ id, uri, ref, from, code = 200 }: Audited, stage: string, at: string) =>
    audit.add(
      JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        auditID: id,
        stage,
        verb: 'watch',
        requestURI: `/api/v1/x?watch=true&${uri}`,
        objectRef: ref,
        user: { username: 'alice' },
        responseStatus: { code },
        requestReceivedTimestamp: `2026-11-28T00:00:${from}Z`,
        stageTimestamp: `2026-11-28T00:00:${at}Z`,
      }),
    );
  for (const watch of watches) event(watch, 'ResponseStarted', watch.from);
  for (const watch of watches) if (watch.until !== undefined) event(watch, 'ResponseComplete', watch.until);
  return audit;
}

const POD = { resource: 'pods' };
const AUDIT = auditOf([
  { id: '1', uri: 'resourceVersion=12', ref: POD, from: '10.000001', until: '14.5' },
  { id: '2', uri: 'resourceVersion=0&labelSelector=a%3Db', ref: { ...POD, namespace: 'default' }, from: '11' },
  { id: '3', uri: 'resourceVersion=7&fieldSelector=metadata.name%3Dn1', ref: { resource: 'nodes' }, from: '12' },
  { id: '4', uri: '', ref: POD, from: '13' },
  { id: '5', uri: 'resourceVersion=5', ref: { resource: 'events', namespace: 'default' }, from: '14', until: '15' },
  { id: '6', uri: 'resourceVersion=1', ref: POD, from: '15', until: '15.1', code: 410 },
  { id: '7', uri: '', ref: { resource: 'jobs', apiGroup: 'batch' }, from: '16' },
]);

t.test('the watches of an audit log are clients of the caches', async (t) => {
  t.equal(AUDIT.all.length, 6, 'one was refused');
  const { streams, actions, hints } = derived({ audited: AUDIT.all });
  t.match(streams.get('pods')!.cache!.clients, [
    { name: 'alice #1', atUs: 0, untilUs: 4_499_999, startRev: 13, range: { key: '/registry/pods/' } },
    {
      name: 'alice #2',
      atUs: 999_999,
      untilUs: undefined,
      startRev: undefined,
      range: { key: '/registry/pods/default/' },
    },
    { name: 'alice #3', atUs: 2_999_999, startRev: undefined },
  ]);
  t.strictSame(streams.get('minions')!.cache!.clients![0]!.range, { key: '/registry/minions/n1' });
  t.match(actions, [
    {
      action: 'watch',
      atUs: 3_999_999,
      watcher: {
        name: 'events alice #1',
        key: '/registry/events/default/',
        startRev: 6,
        prevKv: true,
        stream: 'events',
      },
    },
    { action: 'cancel', atUs: 4_999_999, watcher: 'events alice #1' },
  ]);
  t.match(hints, [
    /has 6 watches/,
    /^time 0 is the first watch/,
    /, 1 left out/,
    /, 1 played as if/,
    /^watches that no cache/,
  ]);
});

// Such a client watched the key of an object without a namespace, of which there is none.
t.test('a watch of one name in all namespaces is played as one of all', async (t) => {
  const named = auditOf([{ id: '1', uri: 'fieldSelector=metadata.name%3Da', ref: POD, from: '10' }]);
  const { streams, hints } = derived({ audited: named.all });
  t.match(streams.get('pods')!.cache!.clients, [{ range: { key: '/registry/pods/', end: '/registry/pods0' } }]);
  t.match(hints.join('\n'), /, 1 played as if/);
});

t.test('before 1.27, a watch without a resourceVersion is one of etcd, on the stream of the cache', async (t) => {
  const names = (minor: number) =>
    derived({ audited: AUDIT.all, minor }).actions.flatMap((one) => (one.action === 'watch' ? [one.watcher] : []));
  t.match(names(26), [{ name: 'pods alice #3', startRev: 0, stream: 'pods' }, { name: 'events alice #1' }]);
  t.equal(names(27).length, 1);
});

t.test('a replay with a date leaves out what was over, and keeps what had begun', async (t) => {
  const startUs = AUDIT.all[0]!.untilUs!;
  const { streams, hints } = derived({ audited: AUDIT.all }, { listRev: 9, startUs });
  t.match(streams.get('pods')!.cache!.clients, [
    { name: 'alice #1', atUs: 0 },
    { name: 'alice #2', atUs: 0 },
  ]);
  t.match(streams.get('minions')!.cache!.clients, [{ atUs: 0, startRev: undefined }]);
  t.match(hints.join('\n'), /, 1 left out: they were over/);
  t.notMatch(hints.join('\n'), /time 0 is/);
});

t.test('what is no audit log is refused', async (t) => {
  for (const line of ['{}', 'text', '{"kind":"Event","apiVersion":"v1"}', '3']) {
    t.throws(() => new AuditedWatches().add(line), { code: 'FORMAT' }, line);
  }
  const audit = new AuditedWatches();
  audit.add('');
  audit.add('{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"list","auditID":"x"}');
  t.same(audit.all, []);
});

t.test('metrics count clients and watchers, and say nothing else', async (t) => {
  const reader = new MetricReader();
  const watch = (group: string, resource: string, scope: string, value: string) =>
    `apiserver_longrunning_requests{group="${group}",resource="${resource}",scope="${scope}",verb="WATCH"} ${value}`;
  for (const line of [
    '# TYPE apiserver_longrunning_requests gauge',
    watch('', 'pods', 'cluster', '2'),
    watch('', 'pods', 'namespace', '1'),
    watch('apps', 'deployments', 'cluster', '4e0'),
    'apiserver_longrunning_requests{resource="pods",verb="CONNECT"} 9',
    'etcd_debugging_mvcc_watcher_total 240',
    'etcd_debugging_mvcc_watch_stream_total 118 1764288000000',
    'etcd_debugging_mvcc_slow_watcher_total 3',
    'etcd_debugging_mvcc_slow_watcher_total_more 7',
  ]) {
    reader.add(line);
  }
  const counts = reader.finish('metrics.txt');
  t.strictSame(counts.etcd, { watchers: 240, streams: 118, slow: 3 });
  const { streams, hints } = derived({ counts: [counts] });
  t.same(
    streams.get('pods')!.cache!.clients!.map(({ name }) => name),
    ['pods #1', 'pods #2', 'pods #3'],
  );
  t.match(hints.join('\n'), /counts 7 watches of the apiserver, of which 3 are played/);
  t.match(hints.join('\n'), /counts 240 watchers of etcd on 118 streams, 3 of them not synced; .* make 6 /);
  const many = new MetricReader();
  many.add(watch('', 'pods', 'cluster', '1e12'));
  t.throws(() => derived({ counts: [many.finish('metrics.txt')] }), { code: 'USAGE', hint: 'at most 250000' });
  t.throws(() => new MetricReader().finish('empty.txt'), { code: 'FORMAT', message: 'empty.txt counts no watches' });
});
