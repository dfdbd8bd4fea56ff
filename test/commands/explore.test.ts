// These tests run the search for trouble through whole commands.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ScenarioText } from '../../src/replay/scenario/scenario-text.js';
import { draws } from '../support/random.js';
import { projectFile } from '../support/root.js';
import { runCli, slowClock, temporaryFolder } from '../support/run-cli.js';

const SNAPSHOT = projectFile('fixtures/etcd-3.5.snapshot.db');

/** The scenario has no compaction, no stall and no small buffer, so all that goes wrong comes from the variations. */
const SLOW = `
base: 1
arrivals: {perSecond: 100}
watchers: [{name: slow, key: /, prefix: true}]
streams: {slow: {consumer: {every: 200ms}}}
`;
const PUTS = `${SLOW}history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 80}]}`;
const DELETES = `${SLOW}
history:
  commits:
    - {put: {key: "/a{i}"}, repeat: 40}
    - {delete: {key: "/a{i}"}, repeat: 40}
`;
/** The scenario has a client that resumes too late, so it loses events without any variation. */
const CARELESS = `
history:
  commits:
    - {txn: [{put: {key: /a, value: "{i}"}}, {put: {key: /b, value: "{i}"}}], repeat: 30}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /, prefix: true, rev: 0}]
streams: {pods: {consumer: {every: 25ms}, disconnectAt: [151ms], resumeFrom: midTransaction}}
`;

const folder = temporaryFolder(t);

function fileOf(name: string, yaml: string): string {
  const path = join(folder, name);
  writeFileSync(path, yaml);
  return path;
}

interface Found {
  readonly seed: number;
  readonly seedsRun: number;
  readonly guarantee: string;
  readonly watcher: string;
  readonly revision: number;
  readonly key: string;
  readonly message: string;
  readonly scenario: ScenarioText;
}

const puts = fileOf('puts.yaml', PUTS);
const deletes = fileOf('deletes.yaml', DELETES);

async function foundIn(argv: readonly string[]): Promise<Found> {
  return JSON.parse((await runCli(['explore', ...argv, '-w', 'json'])).stdout) as Found;
}

t.test('a watcher that compaction overtakes while its stream is full (etcd issue 17529)', async (t) => {
  const { exitCode, stdout, stderr } = await runCli(['explore', puts, '--as-etcd', '3.5.12']);
  t.equal(exitCode, 1);
  t.match(
    stderr,
    /^Found at seed \d+, in variation \d+, in etcd 3.5.12; made smaller in \d+ runs\.\nBroken guarantee: watcher slow, revision \d+, key \/a: broke (reliable|undelivered) .*\n$/,
  );

  const { seed, seedsRun, scenario, ...found } = await foundIn([puts, '--as-etcd', '3.5.12']);
  t.match(found, { guarantee: /^(reliable|undelivered)$/, watcher: 'slow', key: Buffer.from('/a').toString('base64') });
  t.ok(stderr.includes(found.message));
  t.equal(seed, seedsRun);
  t.ok((scenario.actions ?? []).length <= 3);
  t.ok(scenario.actions?.some(({ compact }) => compact !== undefined));
  const { commits } = scenario.history;
  t.equal(commits?.length, 1);
  t.ok((commits?.[0]?.repeat ?? 1) <= 20, `${commits?.[0]?.repeat} puts`);
  t.match(scenario, {
    etcd: '3.5.12',
    seed,
    about: `breaks ${found.guarantee} in etcd 3.5.12 (mvccw explore, seed ${seed})`,
  });

  t.test('as a scenario file it breaks the same guarantee, and only in that release', async (t) => {
    const path = fileOf('found.yaml', stdout);
    const replayed = await runCli(['replay', path]);
    t.equal(replayed.exitCode, 1);
    t.match(replayed.stderr, `Broken guarantee: ${found.message}`);
    t.equal((await runCli(['replay', path, '--as-etcd', '3.5.13'])).exitCode, 0);
    const again = await runCli(['explore', path]);
    t.match(again.stderr, /^Found in the scenario as it is, in etcd 3.5.12; made smaller/);
    t.equal(again.stdout, stdout.replace(`explore, seed ${seed})`, 'explore)'), 'it shrinks no more');
  });

  t.test('the same command prints the same', async (t) => {
    t.equal((await runCli(['explore', puts, '--as-etcd', '3.5.12'])).stdout, stdout);
    const later = await foundIn([puts, '--as-etcd', '3.5.12', '--seed', String(seed)]);
    t.same([later.seed, later.seedsRun, later.scenario], [seed, 1, scenario]);
  });
});

t.test('the delete at the compact revision (etcd issue 18089)', async (t) => {
  const { exitCode, stdout } = await runCli(['explore', deletes, '--as-etcd', '3.5.15']);
  t.equal(exitCode, 1);
  const path = fileOf('found-delete.yaml', stdout);
  const replayed = await runCli(['replay', path, '-w', 'json', '--trace']);
  t.equal(replayed.exitCode, 1);
  const [, lost] = /revision (\d+), key \S+ broke reliable .*: it has not come/.exec(replayed.stderr) ?? [];
  const trace = replayed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(trace.at(-1), { kind: 'end', compactRev: Number(lost) }, 'what is lost is the compact revision’s');
  t.match(
    (await runCli(['replay', path, '--compare', '3.5.15,3.5.16'])).stdout,
    new RegExp(`^\\+ DELETE ${lost}`, 'm'),
  );
});

t.test('nothing is found where it is mended, in many variations', async (t) => {
  const seeds = draws(300, 10_000);
  const table: [path: string, release: string][] = [
    [puts, '3.5.13'],
    [deletes, '3.5.30'],
  ];
  for (const [path, release] of table) {
    t.same(await runCli(['explore', path, '--as-etcd', release, '--seeds', `${seeds}`]), {
      exitCode: 0,
      stdout: '',
      stderr: `Nothing found in ${seeds} variations, seeds 1 to ${seeds}, in etcd ${release}.\n`,
    });
  }
});

t.test('what is varied can be chosen', async (t) => {
  const { scenario } = await foundIn([puts, '--as-etcd', '3.5.12', '--vary', 'compactions,buffers', '--no-shrink']);
  t.match(scenario, { arrivals: { perSecond: 100 }, streams: { slow: { consumer: { every: '200ms' } } } });
  t.same([...new Set(scenario.actions?.map(({ stall, compact }) => typeof (stall ?? compact)))], ['object']);
  const without = await runCli(['explore', puts, '--as-etcd', '3.5.12', '--vary', 'rates,stalls,buffers,times']);
  t.equal(without.exitCode, 0, 'without compactions nothing is lost');
  const unknown = await runCli(['explore', puts, '--vary', 'rates,prices']);
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, /no kind of variation "prices"\nHint: one or more of rates,/);
});

t.test('a watcher that is too late', async (t) => {
  const path = fileOf('late.yaml', PUTS.replace('every: 200ms', 'every: 1ms'));
  const args = [path, '--max-delay', '500ms', '--seeds', '100'];
  const found = JSON.parse((await runCli(['explore', ...args, '-w', 'json'])).stdout);
  t.match(found, { limit: 'delayUs', allowed: 500_000, scenario: { limits: { delay: '500ms' } } });
  t.ok(found.found > 500_000);
  const { stdout, stderr, exitCode } = await runCli(['explore', ...args]);
  t.equal(exitCode, 1);
  t.match(stderr, /^Found at seed \d+, .*\nExceeded limit: watcher \w+ was given /);
  const again = await runCli(['replay', fileOf('found-late.yaml', stdout)]);
  t.equal(again.exitCode, 1);
  t.match(again.stderr, /^Exceeded limit: watcher /m);
  t.equal((await runCli(['explore', path, '--seeds', '20'])).exitCode, 0, 'without a limit it is fine');
});

t.test('a scenario that breaks a guarantee as it is', async (t) => {
  const path = fileOf('careless.yaml', CARELESS);
  const { seed, seedsRun, scenario, guarantee } = await foundIn([path, '--as-etcd', '3.5.30']);
  t.same([seed, seedsRun], [0, 0]);
  t.equal((await runCli(['replay', path])).exitCode, 1);
  t.match(scenario.about, new RegExp(`breaks ${guarantee} in etcd 3\\.5\\.30 \\(mvccw explore\\)`));
  t.match(scenario.streams, { pods: { resumeFrom: 'midTransaction' } });
});

t.test('over the history of a database, which the scenario names by its path', async (t) => {
  mkdirSync(join(folder, 'elsewhere'));
  const yaml = (path: string) => `
history: {database: ${path}}
base: 180
from: 175
arrivals: {perSecond: 100}
streams: {all: {consumer: {every: 200ms}}}
`;
  const path = fileOf('database.yaml', yaml(SNAPSHOT));
  const { exitCode, stdout } = await runCli(['explore', path, '--as-etcd', '3.5.12']);
  t.equal(exitCode, 1);
  const found = fileOf('elsewhere/found.yaml', stdout);
  const { exitCode: replayed, stderr } = await runCli(['replay', found]);
  t.equal(replayed, 1);
  t.match(stderr, /^Broken guarantee: watcher all, /);
  const { from = 0, to = 0 } = (await foundIn([path, '--as-etcd', '3.5.12'])).scenario;
  t.ok(to - from <= 20, `revisions ${from} to ${to} are left`);
  t.equal((await runCli(['explore', path, '--as-etcd', '3.5.30', '--seeds', '100'])).exitCode, 0);
});

t.test('what is wrong is told as replay tells it', async (t) => {
  const table: [yaml: string, stderr: RegExp][] = [
    ['histroy: {}', /bad\.yaml:1: histroy is not known/],
    [`${PUTS}\nto: 900`, /revision 900 is in the future/],
    [`${PUTS}\nactions: [{at: 1s}]`, /bad\.yaml:7: actions\.0 has too few fields/],
  ];
  for (const [yaml, stderr] of table) {
    const run = await runCli(['explore', fileOf('bad.yaml', yaml)]);
    t.not(run.exitCode, 0);
    t.not(run.exitCode, 1);
    t.match(run.stderr, stderr);
  }
  t.equal((await runCli(['explore', puts, '-w', 'table'])).exitCode, 2);
  t.equal((await runCli(['explore', puts, '--seeds', '0'])).exitCode, 2);
});

t.test('what is likely not meant is hinted at', async (t) => {
  const { exitCode, stderr } = await runCli(['explore', puts, '--as-etcd', '3.9.0', '--seeds', '3']);
  t.equal(exitCode, 0);
  t.match(stderr, /^Hint: etcd 3\.9\.0 is newer .*\nNothing found in /);
});

t.test('a stream that no watcher is on', async (t) => {
  const typo = fileOf('typo.yaml', PUTS.replace('slow: {consumer', 'slwo: {consumer'));
  const stderr = /^Error: \S+typo\.yaml: no watcher is on stream "slwo"\nHint: streams are "slow"/;
  t.match(await runCli(['explore', typo, '--seeds', '3']), { exitCode: 4, stdout: '', stderr });
});

t.test('on a terminal it says how far it is', async (t) => {
  const { stderr } = await runCli(['explore', puts, '--seeds', '20', '--as-etcd', '3.5.30'], {
    isTTY: true,
    nowMs: slowClock(),
  });
  t.match(stderr, /exploring \S+puts\.yaml {2}█+░+ {2}50%/);
  t.ok(stderr.endsWith('\r\x1b[KNothing found in 20 variations, seeds 1 to 20, in etcd 3.5.30.\n'));
});
