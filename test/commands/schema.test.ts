import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { KNOWN_CASES } from '../../src/replay/releases/known-cases.js';
import { runCli, stdoutOf } from '../support/run-cli.js';

t.test('the schema of scenarios', async (t) => {
  const validate = new Ajv({ strict: true }).compile(JSON.parse(await stdoutOf(t, ['schema', 'scenario'])));
  for (const { name, scenario } of KNOWN_CASES) {
    t.ok(validate(parse(scenario)), name);
    t.ok(validate(parse(await stdoutOf(t, ['case', name, '--scenario']))), `${name}, as it is printed`);
  }
  const bad = [
    'watchers: []',
    'history: {commits: [{put: {value: x}}]}',
    'history: {commits: []}\nhistroy: 1',
    'history: {commits: []}\nuntil: 5',
    'history: {commits: []}\nactions: [{compact: 4}]',
    'history: {commits: []}\nstreams: {a: {consumer: {every: soon}}}',
  ];
  for (const yaml of bad) t.notOk(validate(parse(yaml)), yaml);
});

/**
 * The scenario has a watcher below -1, to which an older release reports that all below -1 is compacted, and a progress
 * request that is not answered.
 */
const FAR_BELOW = `
history: {commits: [{put: {key: /a}}]}
watchers: [{name: below, key: /a, rev: -5}]
actions: [{at: 10ms, progress: below}]
etcd: 3.5.12
`;

t.test('the schema of a replay’s lines', async (t) => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(await stdoutOf(t, ['schema', 'replay'])),
  );
  const path = join(t.testdir(), 'scenario.yaml');
  writeFileSync(path, FAR_BELOW);
  const lines = (await runCli(['case', '17529', '--trace', '-w', 'json'])).stdout.trimEnd().split('\n');
  const others = (await runCli(['replay', path, '--trace', '-w', 'json'])).stdout.trimEnd().split('\n');
  for (const line of [...lines, ...others]) if (!validate(JSON.parse(line))) t.fail(line);
  const { kind, ...rest } = JSON.parse(lines[0]!);
  t.notOk(validate(rest));
  t.notOk(validate({ kind, ...rest, schema: 2 }));
});

t.test('the schema of what the inspection commands print', async (t) => {
  const schema = await stdoutOf(t, ['schema', 'inspect']);
  t.equal(await stdoutOf(t, ['schema', 'check']), schema, 'by its earlier name');
  const kinds = JSON.parse(schema).oneOf.map((line: { properties: { kind: object } }) =>
    JSON.stringify(line.properties.kind),
  );
  t.equal(new Set(kinds).size, kinds.length, 'no two commands have a kind of line in common');
});

t.test('a name that there is not', async (t) => {
  const { exitCode, stderr } = await runCli(['schema', 'scenery']);
  t.equal(exitCode, 2);
  t.match(stderr, /Allowed choices are .*scenario/);
});
