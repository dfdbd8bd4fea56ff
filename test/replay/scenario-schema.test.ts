// What the schema allows and what is read must be the same, as an editor shows the one and a replay does the other.

import { Ajv } from 'ajv';
import fc from 'fast-check';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { parseScenario } from '../../src/replay/parse-scenario.js';
import { SCENARIO_SCHEMA } from '../../src/replay/scenario-schema.js';

/** What no schema can say, by the messages that tell it. */
const BEYOND_A_SCHEMA: Readonly<Record<string, RegExp>> = {
  'a range whose end is not above its key': /^the (watch range|range of a delete) is empty/,
  'a transaction that names a key twice': /duplicate key given in txn request/,
  'a time that rounds to none': /must be above 0$/,
  'a time beyond what a number holds': /is too long a time$/,
  'more in all than is bearable': /^the scenario has \d+ /,
  'a name with characters that do not show, or of too many bytes': /cannot be the name of a watcher$/,
};

/** Objects with any of these fields, at most three: few enough that many are right. */
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
const commit = some({ put, delete: range, txn: fc.array(change, { maxLength: 3 }), repeat: oneOf(1, 2, 0, 2_000_000) });
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
  arrivals: some({ perSecond: oneOf(5, 0, 1e-9, 5e-324), poisson: oneOf(true) }),
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

t.test('property: what the schema allows is read, and nothing else is', async (t) => {
  const validate = new Ajv({ strict: true }).compile(SCENARIO_SCHEMA);
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(scenario, (value) => {
      let refusal: MvccwError | undefined;
      try {
        parseScenario(JSON.stringify(value), 'x.yaml');
      } catch (error) {
        if (!(error instanceof MvccwError) || error.code !== 'USAGE') throw error;
        refusal = error;
      }
      if (refusal === undefined) {
        count('read');
        return validate(value) === true;
      }
      if (!validate(value)) {
        count('refused');
        // A schema error says where, and what is allowed.
        return /^x\.yaml:1: \S+ /.test(refusal.message);
      }
      const message = refusal.message.replace(/^x\.yaml:(1:)? (\S*\d\S*: )?/, '');
      const reason = Object.entries(BEYOND_A_SCHEMA).find(([, words]) => words.test(message));
      if (reason === undefined) throw new Error(`allowed by the schema, but: ${refusal.message}`);
      count(reason[0]);
      return true;
    }),
    { numRuns: 5000 },
  );
  for (const what of ['read', 'refused', ...Object.keys(BEYOND_A_SCHEMA)]) {
    if (what !== 'more in all than is bearable') t.ok((seen.get(what) ?? 0) > 0, `${what}: ${seen.get(what)}`);
  }
});
