// These tests check README and the help topics: each command in them runs, and prints what is shown below it.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { GUARANTEES_TOPIC } from '../src/output/help-topics/guarantees.js';
import { JSON_TOPIC } from '../src/output/help-topics/json.js';
import { SCENARIOS_TOPIC } from '../src/output/help-topics/scenarios.js';
import { SHARING_TOPIC } from '../src/output/help-topics/sharing.js';
import { HELP_TOPICS } from '../src/output/help-topics/topic-list.js';
import { INSPECTION_SCHEMA } from '../src/output/inspection-schema.js';
import { GUARANTEES } from '../src/replay/guarantees/violation.js';
import { SCENARIO_SCHEMA } from '../src/replay/scenario/scenario-schema.js';
import { unpackDataDirectory } from './support/data-directories.js';
import { ExampleShell, examplesIn, matches } from './support/document-examples.js';
import { unpackKubeDatabase } from './support/k8s-objects.js';
import { projectFile } from './support/root.js';
import { runCli, stdoutOf, temporaryFolder } from './support/run-cli.js';

const ROOT = projectFile('');
const SNAPSHOT = join(ROOT, 'fixtures', 'etcd-3.5.snapshot.db');
const hasJq = spawnSync('jq', ['--version']).status === 0;

/** Runs the examples of a text, checks their output, and returns the folder that they ran in. */
async function checkExamples(t: Test, text: string): Promise<string> {
  const folder = temporaryFolder(t);
  symlinkSync(SNAPSHOT, join(folder, 'snapshot.db'));
  if (text.includes('etcd-data'))
    renameSync(unpackDataDirectory('incident', 'data', folder, true), join(folder, 'etcd-data'));
  if (text.includes('cluster.db')) renameSync(unpackKubeDatabase(folder), join(folder, 'cluster.db'));
  const shell = new ExampleShell(folder);
  const examples = examplesIn(text);
  t.ok(examples.length > 0);
  for (const example of examples) {
    if (!hasJq && /\bjq\b/.test(example.command)) continue;
    const printed = await shell.run(example);
    const name = `line ${example.line}: ${example.command}`;
    if (matches(example.output, printed)) t.pass(name);
    else t.equal(printed.trimEnd(), example.output, name);
  }
  return folder;
}

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

t.test('README', async (t) => {
  t.ok(README.split('\n').length <= 131, 'it is short');
  const folder = await checkExamples(t, README);
  const [, program = ''] = /```js\n(.*?)```/s.exec(README) ?? [];
  const [, output] = /; \/\/ (.*)\n/.exec(program) ?? [];
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'mvccw'));
  writeFileSync(join(folder, 'example.mjs'), program);
  const { stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
  t.strictSame({ stdout, stderr }, { stdout: `${output}\n`, stderr: '' }, 'the program');
});

for (const { name, load } of HELP_TOPICS) {
  t.test(`help ${name}`, async (t) => {
    const text = await load();
    if (/^ {2}\$ /m.test(text)) await checkExamples(t, text);
    for (const columns of [80, 120]) {
      const help = await stdoutOf(t, ['help', name], { isTTY: true, columns });
      const inExamples = examplesIn(text).flatMap(({ command, output }) => `$ ${command}\n${output}`.split('\n'));
      const prose = help.split('\n').filter((line) => !inExamples.includes(line.slice(2)));
      const long = prose.filter((line) => line.length > Math.min(columns, 100));
      t.strictSame(long, [], `at ${columns} columns`);
    }
  });
}

t.test('the topic of the guarantees names each', async (t) => {
  for (const guarantee of Object.keys(GUARANTEES)) t.match(GUARANTEES_TOPIC, `\n  ${guarantee} `);
});

t.test('the topic of JSON names each kind of line', async (t) => {
  for (const { properties } of INSPECTION_SCHEMA.oneOf as {
    properties: { kind: { const?: string; enum?: string[] } };
  }[]) {
    for (const kind of properties.kind.enum ?? [properties.kind.const]) {
      t.match(JSON_TOPIC, new RegExp(`^  \\w+ .*\\b${kind}\\b`, 'm'));
    }
  }
});

t.test('the topic of scenarios names each field', async (t) => {
  const { properties } = SCENARIO_SCHEMA;
  const fields = [
    ...Object.keys(properties),
    ...Object.keys(properties.watchers.items.properties),
    ...Object.keys(properties.history.properties.commits.items.properties),
    ...Object.keys(properties.history.properties.commits.items.properties.put.properties),
    ...Object.keys(properties.streams.additionalProperties.properties),
    ...Object.keys(properties.actions.items.properties),
    ...Object.keys(properties.parameters.properties),
    ...Object.keys(properties.limits.properties),
  ];
  const missing = fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(SCENARIOS_TOPIC));
  t.strictSame(missing, []);
});

t.test('help of a command, and of what is not there', async (t) => {
  t.equal(await stdoutOf(t, ['help', 'watcher', 'add']), await stdoutOf(t, ['watcher', 'add', '--help']));
  t.equal(await stdoutOf(t, ['help']), await stdoutOf(t, ['--help']));
  const { exitCode, stdout, stderr } = await runCli(['help', 'lesaes']);
  t.strictSame({ exitCode, stdout }, { exitCode: 2, stdout: '' });
  t.equal(
    stderr,
    `Error: there is no command or help topic "lesaes"
Hint: topics are ${HELP_TOPICS.map(({ name }) => name).join(', ')}; "mvccw --help" lists the commands
`,
  );
});

t.test('the tests that the promises name are there', async (t) => {
  const named = SHARING_TOPIC.match(/test\/[\w./-]+\.ts/g) ?? [];
  t.ok(named.length > 5);
  t.strictSame(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});
