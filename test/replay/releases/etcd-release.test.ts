import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { etcdRelease, etcdReleasePair } from '../../../src/replay/releases/etcd-release.js';
import { runStepScenario } from '../../../src/replay/steps/step-runner.js';
import { projectFile } from '../../support/root.js';
import { describeDifference, firstDifference, readBundle } from '../../support/step-traces.js';

const golden = (name: string) => projectFile(`fixtures/golden/${name}`);

interface Recorded {
  readonly behaviours: Record<string, string>;
  readonly releases: Record<string, { readonly tracesIn: string; readonly behaviours: readonly string[] }>;
}

const { behaviours: recordable, releases } = JSON.parse(readFileSync(golden('releases.json'), 'utf8')) as Recorded;

t.test('each recorded release has the behaviours that were found in it', async (t) => {
  t.equal(Object.keys(releases).length, 41);
  for (const [version, { behaviours }] of Object.entries(releases)) {
    const recorded = [...etcdRelease(version).behaviours].filter((behaviour) => behaviour in recordable);
    t.same(recorded.sort(), [...behaviours].sort(), version);
  }
});

t.test('what differs from 3.5.30 differs as it did in the real release', async (t) => {
  const scenarios = new Map(
    [...readBundle(golden('hand.jsonl.gz')), ...readBundle(golden('random.jsonl.gz'))].map((s) => [s.name, s]),
  );
  const lines = gunzipSync(readFileSync(golden('releases.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  const failed: string[] = [];
  for (const line of lines) {
    const { name, release, trace } = JSON.parse(line) as { name: string; release: string; trace: unknown[] };
    const { scenario } = scenarios.get(name)!;
    const backend = new MemoryBackend();
    const answers = runStepScenario(scenario, () => backend, etcdRelease(release));
    const difference = firstDifference(scenario, trace, answers);
    if (difference !== undefined) failed.push(`${release} ${name}: ${describeDifference(difference)}`);
  }
  t.ok(lines.length > 500, `${lines.length} traces`);
  t.same(failed, []);
});

t.test('releases on a command line', async (t) => {
  t.equal(etcdRelease('v3.5.12').version, '3.5.12');
  t.equal(etcdRelease('3.4.9').chanBufLen, 1024);
  t.equal(etcdRelease('3.4.10').chanBufLen, undefined);
  t.equal(etcdRelease('3.7.1').assumed, undefined);
  t.equal(etcdRelease('3.5.30').assumed, undefined);
  t.equal(etcdRelease('3.5.99').assumed, '3.5.30', 'a newer patch counts as the newest known of its minor version');
  t.equal(etcdRelease('3.7.2').assumed, '3.7.1');
  t.equal(etcdRelease('4.0.0').assumed, '3.7.1');
  t.same(etcdRelease('4.0.0').behaviours, etcdRelease('3.7.1').behaviours);
  t.same([...etcdRelease('3.7.1').behaviours], ['compactCancelRepeated'], 'what no release has mended yet');
  for (const bad of ['3.3.27', '2.0.0', '3.5', 'x', '3.5.1.2', '3.5.-1']) {
    t.throws(() => etcdRelease(bad), { code: 'USAGE' }, bad);
  }
  t.same(
    etcdReleasePair('3.5.12,3.5.13').map(({ version }) => version),
    ['3.5.12', '3.5.13'],
  );
  for (const bad of ['3.5.12', '3.5.1,3.5.2,3.5.3', ',']) t.throws(() => etcdReleasePair(bad), { code: 'USAGE' }, bad);
});
