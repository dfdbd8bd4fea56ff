// These tests give the conditions of a replay as flags; each flag means what the same field of a scenario means.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectFile } from '../support/root.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';

const SNAPSHOT = projectFile('fixtures/etcd-3.5.snapshot.db');
const folder = temporaryFolder(t);

function fileOf(name: string, yaml: string): string {
  const path = join(folder, name);
  writeFileSync(path, yaml);
  return path;
}

const STREAM = '{name: all, consumer: {every: 300ms}, disconnectAt: [800ms]}';
const PARAMETERS = [
  ['--chan-buf-len', '1'],
  ['--max-watchers-per-sync', '3'],
  ['--watch-batch-max-revs', '20'],
  ['--resync-period', '80ms'],
  ['--victim-retry', '7ms'],
];
const FLAGS = [
  ['--rate', '50'],
  ['--poisson'],
  ['--seed', '5'],
  ['--stream', STREAM],
  ['--action', '{at: 400ms, compact: {behind: 2}}'],
  ['--action', '{at: 500ms, stall: all, for: 1s}'],
  ['--cost', '{revisionUs: 10, eventUs: 1}'],
  ['--until', '1200ms'],
  ...PARAMETERS,
].flat();

const AS_SCENARIO = `
history: {database: ${SNAPSHOT}}
base: 300
arrivals: {perSecond: 50, poisson: true}
seed: 5
streams: {all: {consumer: {every: 300ms}, disconnectAt: [800ms]}}
actions:
  - {at: 400ms, compact: {behind: 2}}
  - {at: 500ms, stall: all, for: 1s}
cost: {revisionUs: 10, eventUs: 1}
until: 1200ms
parameters:
  {chanBufLen: 1, maxWatchersPerSync: 3, watchBatchMaxRevs: 20, resyncPeriod: 80ms, victimRetry: 7ms}
`;

t.test('flags replay a database as a scenario with the same conditions does', async (t) => {
  const view = ['-w', 'json', '--trace'];
  const byFlags = await runCli(['replay', '--db', SNAPSHOT, '--base-rev', '300', ...FLAGS, ...view]);
  const byScenario = await runCli(['replay', fileOf('same.yaml', AS_SCENARIO), ...view]);
  t.same(byFlags, byScenario);
  t.match(byFlags.stdout, /"kind":"client"/);

  t.test('each of them counts', async (t) => {
    const parameters = PARAMETERS.map(([flag]) => flag!);
    for (const left of ['--rate', '--poisson', '--stream', '--action', '--cost', '--until', ...parameters]) {
      const at = FLAGS.indexOf(left);
      const fewer = FLAGS.toSpliced(at, left === '--poisson' ? 1 : 2);
      const run = await runCli([...['replay', '--db', SNAPSHOT, '--base-rev', '300'], ...fewer, ...view]);
      t.not(run.stdout, byFlags.stdout, `without ${left}`);
    }
  });
});

t.test('flags go before a scenario, and are added to its lists', async (t) => {
  const head = 'history: {commits: [{put: {key: /a}, repeat: 50}]}\nbase: 1\n';
  const given = fileOf(
    'given.yaml',
    `${head}arrivals: {perSecond: 10, poisson: true}\nstreams: {all: {consumer: never}}\nactions: [{at: 20ms, restore: true}]\nuntil: 1s`,
  );
  const wanted = fileOf(
    'wanted.yaml',
    `${head}arrivals: {perSecond: 99, poisson: true}\nstreams: {all: {consumer: {every: 5ms}}}\nactions: [{at: 20ms, restore: true}, {at: 30ms, compact: 2}]\nuntil: 300ms`,
  );
  const flags = ['--rate', '99', '--stream', '{name: all, consumer: {every: 5ms}}', '--until', '300ms'];
  const action = ['--action', '{at: 30ms, compact: 2}'];
  const view = ['-w', 'json', '--trace'];
  t.same(await runCli(['replay', given, ...flags, ...action, ...view]), await runCli(['replay', wanted, ...view]));
});

t.test('what is wrong with a flag is told as it is of a scenario', async (t) => {
  const table: [flags: string[], message: string, hint: string][] = [
    [['--rate', '0'], '--rate: "0" must be >= 1e-9', 'a number from 1e-9 on'],
    [['--rate', 'fast'], '--rate: "fast" must be number', 'a number from 1e-9 on'],
    // The replay with this rate never ended.
    [['--rate', '5.0e-324'], '--rate: "5.0e-324" must be >= 1e-9', 'a number from 1e-9 on'],
    [['--until', '5'], '--until: "5" is not written as it must be', '250us'],
    [['--cost', 'high'], '--cost: "high" must be equal', 'allowed are none, measured'],
    [['--stream', '{consumer: never}'], "--stream: .* must have required property 'name'", '.'],
    [['--stream', '{name: a, consumer: {evry: 1s}}'], '--stream: consumer\\.evry is not known', 'allowed are every'],
    [['--action', '{at: soon, restore: true}'], '--action: at is not written as it must be', '10ms'],
    [['--action', '{at: 1s}'], '--action: .* has too few fields', 'watch, cancel, compact'],
    [['--action', '{at: 1s, stall: [}'], '--action: ', 'must be YAML'],
    [['--victim-retry', '7'], '--victim-retry: "7" is not written as it must be', '250us'],
    [['--victim-retry', '0ms'], '--victim-retry: "0ms" is not written as it must be', '1us'],
    [['--chan-buf-len', '0'], '--chan-buf-len: "0" must be >= 1', ''],
    [['--chan-buf-len', 'two'], '--chan-buf-len: "two" must be integer', ''],
  ];
  for (const [flags, message, hint] of table) {
    const { exitCode, stdout, stderr } = await runCli(['replay', '--db', SNAPSHOT, ...flags]);
    t.same([exitCode, stdout], [2, ''], flags.join(' '));
    t.match(stderr, new RegExp(`^Error: .*${message}.*\n(Hint: )?.*${hint}`));
  }
});

t.test('a stream that no watcher is on', async (t) => {
  const { exitCode, stdout, stderr } = await runCli([
    'replay',
    '--db',
    SNAPSHOT,
    '--stream',
    '{name: al}',
    '--action',
    '{at: 1s, stall: al, for: 1s}',
  ]);
  t.same([exitCode, stdout], [4, '']);
  const hint = 'streams are "all"; a watcher\'s own stream has the watcher\'s name';
  t.equal(stderr, `Error: no watcher is on stream "al"\nHint: ${hint}\n`);
  for (const action of ['{at: 1s, stall: nope, for: 1s}', '{at: 1s, progress: nope}', '{at: 1s, cancel: nope}']) {
    const run = await runCli(['replay', '--db', SNAPSHOT, '--action', action]);
    t.match(run, { exitCode: 4, stdout: '', stderr: /^Error: no watcher is (on stream|named) "nope"\nHint: / }, action);
  }
});
