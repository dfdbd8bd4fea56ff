import t from 'tap';
import { LineCounter } from 'yaml';
import { MAX_SCENARIO_BYTES, MAX_SCENARIO_DEPTH } from '../../../src/replay/run/bounds.js';
import { parseBoundedYaml } from '../../../src/replay/scenario/bounded-yaml.js';
import { parseScenario } from '../../../src/replay/scenario/parse-scenario.js';

const MAX_PARTS = 100_000;
const parse = (text: string) => parseBoundedYaml(text, new LineCounter(), MAX_PARTS);

t.test('what is read', (t) => {
  t.strictSame(parse('a: {b: [1, &x {c: d}, *x]}\n? e\n: f\n').toJS(), {
    a: { b: [1, { c: 'd' }, { c: 'd' }] },
    e: 'f',
  });
  const deepest = '['.repeat(MAX_SCENARIO_DEPTH) + ']'.repeat(MAX_SCENARIO_DEPTH);
  t.doesNotThrow(() => parse(deepest));
  t.end();
});

// The parser goes down by recursion: 40,000 brackets once gave "Maximum call stack size exceeded".
t.test('what is refused, with its offset', (t) => {
  const depth = MAX_SCENARIO_DEPTH + 1;
  const indented = Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
  const deep = `lists and maps are nested more than ${MAX_SCENARIO_DEPTH} deep`;
  const table: [name: string, text: string, message: string, offset?: number][] = [
    ['brackets', `a: 1\nb: ${'['.repeat(40_000)}`, deep, 5],
    ['dashes', '- '.repeat(depth + 1), deep],
    ['question marks', '? '.repeat(depth + 1), deep],
    ['indented maps', indented, deep],
    ['a key twice', 'a: 1\na: 2\n', 'the key "a" is there twice', 5],
    ['a list as a key', '? [a]\n: b\n', 'a list, a map or an alias is no key', 2],
    ['two documents', 'a: 1\n---\nb: 1\n', 'a second document begins', 5],
    ['much', `a: ${'x'.repeat(MAX_SCENARIO_BYTES)}`, `it has more than ${MAX_SCENARIO_BYTES} bytes`, 0],
    ['many', `[${','.repeat(MAX_PARTS)}`, `it has more than ${MAX_PARTS} words and marks`, 0],
  ];
  for (const [name, text, message, offset] of table) {
    t.throws(() => parse(text), offset === undefined ? { message } : { message, offset }, name);
  }
  t.end();
});

t.test('each has its line in a scenario', (t) => {
  t.throws(() => parseScenario(`history:\n  ${'['.repeat(100)}`, 's'), {
    code: 'USAGE',
    message: /^s:2: lists and maps /,
  });
  t.throws(() => parseScenario('history:\n  database: "a\\0b"\n', 's'), {
    code: 'USAGE',
    message: 's:2: history.database is not written as it must be',
    hint: 'a path: not empty, and without a zero byte',
  });
  // Each error is compared with all others, and Math.max takes as many arguments as the stack holds.
  const wrong = `history: {commits: [${'1,'.repeat(130_000)}1]}`;
  t.throws(() => parseScenario(wrong, 's'), { code: 'USAGE', message: /^s:1: history\.commits\.0 must be object/ });
  t.end();
});
