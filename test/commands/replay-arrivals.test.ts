// Commits of a replay that come when they were, or at a rate.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { replay } from '../../src/index.js';
import { unpackKubeDatabase } from '../support/k8s-objects.js';
import { runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const folder = temporaryFolder(t);
const db = unpackKubeDatabase(folder);
const OPTIONS = ['--as-etcd', '3.5.30', '-w', 'json', '--trace', '--watch', 'name=pods,key=/registry/pods/,prefix'];

interface Commit {
  readonly revision: number;
  readonly timeUs: number;
}

/** Returns the commits of a replay, and what it says of itself on stderr. */
async function commitsOf(...argv: string[]): Promise<{ commits: Commit[]; stderr: string }> {
  const { stdout, stderr, exitCode } = await runCli(['replay', ...argv, ...OPTIONS]);
  t.equal(exitCode, 0, stderr);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { commits: lines.filter(({ kind }) => kind === 'commit'), stderr };
}

t.test('commits come when they were', async (t) => {
  const { commits, stderr } = await commitsOf('--db', db, '--arrivals', 'kubernetes', '--from-rev', '901');
  t.match(stderr, /^Hint: times of revisions are from objects of Kubernetes, exact to \S+ for half of the revisions/);
  t.strictSame([commits[0]?.revision, commits.at(-1)?.revision], [901, 1002]);
  const listed = await stdoutOf(t, ['when', '900..1002', '--db', db, '-w', 'json']);
  const times = listed
    .trimEnd()
    .split('\n')
    .map((line) => Date.parse(JSON.parse(line).time));
  const late = commits.map(({ timeUs }, i) => Math.abs(timeUs / 1000 - (times[i + 1]! - times[0]!)));
  t.ok(Math.max(...late) <= 2, 'to the millisecond of what `when` prints');

  writeFileSync(join(folder, 'times.jsonl'), listed);
  const again = await commitsOf('--db', db, '--arrivals', join(folder, 'times.jsonl'), '--from-rev', '901');
  t.strictSame(
    again.commits.map(({ timeUs }) => timeUs),
    commits.map(({ timeUs }) => timeUs),
    'what `when` prints is a list',
  );
});

const SCENARIO = `
history: {commits: [{put: {key: /a, value: "{i}"}, repeat: 4}]}
base: 1
arrivals: {clock: times.csv}
watchers: [{name: pods, key: /, prefix: true}]
`;
const TIMES =
  'revision,time\n1,2026-11-28T12:00:00.0000Z\n2,2026-11-28T12:00:01.0000Z\n4,2026-11-28T12:00:03.500000Z\n';

t.test('a scenario names a list beside it', async (t) => {
  writeFileSync(join(folder, 'times.csv'), TIMES);
  const path = join(folder, 'scenario.yaml');
  writeFileSync(path, SCENARIO);
  const run = await runCli(['replay', path, '--summary', '-w', 'json', '--trace']).catch(String);
  t.match(run, { exitCode: 2 });
  const { stdout } = await runCli(['replay', path, '-w', 'json', '--trace']);
  const commits = stdout.split('\n').flatMap((line) => (line.includes('"commit"') ? [JSON.parse(line)] : []));
  // Between two times, and behind the last one, commits come at the pace of those that are known.
  const [first, ...later] = commits.map(({ revision, timeUs }) => [revision, Math.round(timeUs / 1e4)]);
  t.strictSame(first, [2, 100]);
  t.strictSame(later, [
    [3, 225],
    [4, 350],
    [5, 467],
  ]);
  t.match(await runCli(['replay', path, '--arrivals', 'rate', '--rate', '10', '--summary']), { exitCode: 0 });
  // The time at which the most was held was told in seconds, whatever the clock.
  const large = await runCli([
    'replay',
    path,
    '--clock',
    '--summary',
    '--max-memory',
    '1B',
    '--stream',
    '{name: pods, consumer: never}',
  ]);
  t.match(large.stderr, /held \d+ bytes at 2026-11-28T12:00:0\d\.\d{3}Z; the limit is 1$/m);
  const inProgram = await replay({
    history: { commits: [{ put: { key: '/a' }, repeat: 4 }] },
    base: 1,
    arrivals: { clock: join(folder, 'times.csv') },
    watchers: [{ name: 'pods', key: '/', prefix: true }],
  });
  t.strictSame(
    inProgram.responses.map(({ timeUs }) => Math.round(timeUs / 1e4)),
    [100, 225, 350, 467],
  );
});

t.test('arrivals that make no sense', async (t) => {
  const exits = async (...argv: string[]) => (await runCli(['replay', ...argv])).exitCode;
  t.equal(await exits('--db', db, '--arrivals', 'kubernetes', '--rate', '5'), 2);
  t.equal(await exits('--db', db, '--arrivals', 'log:'), 2);
  t.equal(await exits('--db', db, '--arrivals', join(folder, 'none.csv')), 5);
  writeFileSync(join(folder, 'bad.csv'), `${TIMES}5,soon\n`);
  t.match(await runCli(['replay', '--db', db, '--arrivals', join(folder, 'bad.csv')]), {
    exitCode: 3,
    stderr: /bad\.csv:5: "soon" is no time/,
  });
  writeFileSync(join(folder, 'etcd.log'), '{"msg":"x"}\n');
  t.match(await runCli(['replay', '--db', db, '--arrivals', `log:${join(folder, 'etcd.log')}`]), {
    exitCode: 4,
    stderr: /no time in .*etcd\.log says when a revision was committed/,
  });
  const path = join(folder, 'own.yaml');
  writeFileSync(path, SCENARIO.replace('times.csv', 'kubernetes'));
  t.equal(await exits(path), 2, 'a scenario has no objects of Kubernetes');
});

t.test('random moments have a rate on average', async (t) => {
  const { commits } = await commitsOf('--db', db, '--arrivals', 'poisson', '--rate', '10', '--base-rev', '800');
  const gaps = commits.slice(1).map(({ timeUs }, i) => timeUs - commits[i]!.timeUs);
  t.ok(new Set(gaps).size > 100);
  const { commits: even } = await commitsOf('--db', db, '--arrivals', 'rate', '--rate', '10', '--base-rev', '800');
  t.equal(even[0]?.timeUs, 100_000);
});
