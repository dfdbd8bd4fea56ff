// The schema, which editors use, and the reader, which a replay uses, must accept the same scenarios.

import { Ajv } from 'ajv';
import t from 'tap';
import { MvccwError } from '../../../src/errors.js';
import { parseScenario } from '../../../src/replay/scenario/parse-scenario.js';
import { SCENARIO_SCHEMA } from '../../../src/replay/scenario/scenario-schema.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

/** The errors that no schema can express: the words of each message, and an example that causes it. */
const BEYOND_A_SCHEMA: readonly (readonly [words: RegExp, example: object])[] = [
  [/^the (watch range|range of a delete) is empty/, { watchers: [{ name: 'w', key: 'b', end: 'a' }] }],
  [
    /duplicate key given in txn request/,
    { history: { commits: [{ txn: [{ put: { key: 'a' } }, { delete: { key: 'a' } }] }] } },
  ],
  [/must be above 0$/, { parameters: { resyncPeriod: '0.2us' } }],
  [/is too long a time$/, { until: '99999999999999m' }],
  [/^there are \d+ /, { history: { commits: Array(2).fill({ put: { key: 'a' }, repeat: 600_000 }) } }],
  [/cannot be the name of a watcher$/, { watchers: [{ name: '\u200b', key: 'a' }] }],
];

/** Generates objects with at most three of these fields, which is few enough that many of the objects are valid. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc
    .subarray(Object.keys(fields), { maxLength: Math.min(Object.keys(fields).length, 3) })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fields[name]!]))));
const oneOf = (...values: unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);

const key = oneOf('a', 'b', '', '{i}', 5);
const time = oneOf('1s', '1s', '0s', '0.0us', '0.2us', '1.5', '99999999999999m', 7);
const name = oneOf('w', 'w{i}', '*', '', 'w*', '\u0007', '\u200b', 'x'.repeat(513), 'ä'.repeat(300));
const repeat = oneOf(1, 2, 0, 600_000, 2_000_000, 1.5);
const rangeFields = { key, end: key, prefix: oneOf(true, false), fromKey: oneOf(true, false) };
const range = some(rangeFields).map((fields) => ({ key: 'a', ...fields }));
const watcher = some({ ...rangeFields, name, rev: oneOf(0, 1, -1), filter: oneOf(['put'], 'put'), repeat }).map(
  (fields) => ({ name: 'w{i}', key: 'a', ...fields }),
);
const put = some({ key, value: key }).map((fields) => ({ key: 'a', ...fields }));
const change = some({ put, delete: range });
const txn = fc.oneof(fc.array(change, { maxLength: 3 }), oneOf([{ put: { key: 'a' } }, { put: { key: 'a' } }]));
const commit = some({ put, delete: range, txn, repeat: oneOf(1, 2, 0, 2_000_000) });
const action = some({
  watch: watcher,
  cancel: name,
  compact: oneOf(1, 0, { behind: 0 }),
  restart: oneOf('clean', 'dirty'),
  restore: oneOf(true, false),
  progress: oneOf('s', ''),
  stall: oneOf('s', ''),
  for: time,
}).map((fields) => ({ at: '1s', ...fields }));
const conditions = some({
  base: oneOf(1, 0),
  arrivals: some({ perSecond: oneOf(5, 0, 1e-9, 5e-324), poisson: oneOf(true), clock: oneOf('kubernetes', '') }),
  watchers: fc.array(watcher, { maxLength: 2 }),
  streams: some({ s: some({ consumer: oneOf('never', 'soon', { every: '1s' }, { eventsPerSecond: 0 }) }) }),
  actions: fc.array(action, { maxLength: 2 }),
  parameters: some({ chanBufLen: oneOf(1, 0), resyncPeriod: time, victimRetry: time }),
  limits: some({ lag: oneOf(0, -1), delay: time }),
  etcd: oneOf('3.4.0', 'v3.5.12', '3.3.9', '3.10.0', '4.0.0', '2.9.9', '03.5.0', '3.5', '3.999999.0'),
  until: time,
});
const scenario = fc
  .tuple(fc.array(commit, { maxLength: 2 }), conditions)
  .map(([commits, more]) => ({ history: { commits }, ...more }));

const validate = new Ajv({ strict: true }).compile(SCENARIO_SCHEMA);

function refusalOf(value: object): MvccwError | undefined {
  try {
    parseScenario(JSON.stringify(value), 'x.yaml');
    return undefined;
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'USAGE') return error;
    throw error;
  }
}

/** Returns the message of an error without its line and field. */
const toldOf = ({ message }: MvccwError): string => message.replace(/^x\.yaml:1: \S+: /, '');

t.test('what no schema can say is refused with its line and field', async (t) => {
  for (const [words, example] of BEYOND_A_SCHEMA) {
    const value = { history: { commits: [] }, ...example };
    t.ok(validate(value), JSON.stringify(example).slice(0, 100));
    t.match(toldOf(refusalOf(value)!), words);
  }
});

t.test('property: what the schema allows is read, and nothing else is', async (t) => {
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(scenario, (value) => {
      const refusal = refusalOf(value);
      if (!validate(value)) {
        seen.refused++;
        return refusal !== undefined && /^x\.yaml:1: \S+ /.test(refusal.message);
      }
      if (refusal === undefined) {
        seen.read++;
        return true;
      }
      const told = toldOf(refusal);
      if (BEYOND_A_SCHEMA.some(([words]) => words.test(told))) return true;
      throw new Error(`allowed by the schema, but: ${refusal.message}`);
    }),
    { numRuns: draws(1500, 5000) },
  );
  t.ok(seen.read > 300 && seen.refused > 300, JSON.stringify(seen));
});
