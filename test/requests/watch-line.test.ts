import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { type EnvironmentRange, type WatchOptions, watchRequest } from '../../src/requests/client-watch.js';
import { parseWatchLine } from '../../src/requests/watch-line.js';
import { bytes } from '../support/bytes.js';

const NO_ENVIRONMENT: EnvironmentRange = { key: undefined, end: undefined };

const environmentOf = (...range: (string | undefined)[]): EnvironmentRange => {
  const [key, end] = range.map((text) => (text === undefined ? undefined : bytes(text)));
  return { key, end };
};

t.test('arguments', async (t) => {
  const rows: [words: string[], command: string[] | undefined, options: WatchOptions, env: string[], wanted: object][] =
    [
      [['foo'], undefined, {}, [], { request: { key: 'foo', end: undefined }, command: [] }],
      [['a', 'b'], undefined, { rev: 3 }, [], { request: { key: 'a', end: 'b', startRev: 3 } }],
      [['a'], ['echo', 'x'], { prefix: true }, [], { request: { key: 'a', end: 'b' }, command: ['echo', 'x'] }],
      [[''], undefined, { prefix: true }, [], { request: { key: '\0', end: '' } }],
      [
        ['a'],
        undefined,
        { fromKey: true, filter: ['noput'], prevKv: true },
        [],
        { request: { end: '', prevKv: true } },
      ],
      [
        [],
        undefined,
        { progressNotify: true },
        ['foo'],
        { request: { key: 'foo', end: undefined, progressNotify: true } },
      ],
      [[], ['true'], {}, ['foo', 'fop'], { request: { key: 'foo', end: 'fop' }, command: ['true'] }],
    ];
  for (const [words, command, options, [key, end], wanted] of rows) {
    t.match(
      watchRequest({ words: words.map(bytes), command }, options, environmentOf(key, end)),
      wanted,
      `${words} ${command}`,
    );
  }
});

t.test('arguments that make no sense', async (t) => {
  const rows: [
    words: string[],
    command: string[] | undefined,
    options: WatchOptions,
    env: string[],
    message: RegExp,
  ][] = [
    [[], undefined, {}, [], /^bad number of arguments$/],
    [['a', 'b', 'c'], undefined, {}, [], /^bad number of arguments$/],
    [['a'], [], {}, [], /^bad number of arguments \(found separator --, but no commands\)$/],
    [['a'], ['', 'x'], {}, [], /^the command behind -- is empty$/],
    [['a'], undefined, {}, ['b'], /^bad number of arguments \(found conflicting environment key\)$/],
    [[], undefined, {}, ['', 'b'], /^MVCCW_WATCH_KEY is empty but got MVCCW_WATCH_RANGE_END="b"$/],
    [['b', 'a'], undefined, {}, [], /^the watch range is empty/],
    [['a', 'b'], undefined, { prefix: true }, [], /too many arguments/],
    [[''], undefined, {}, [], /^key is not provided$/],
  ];
  for (const [words, command, options, [key, end], message] of rows) {
    t.throws(() => watchRequest({ words: words.map(bytes), command }, options, environmentOf(key, end)), {
      code: 'USAGE',
      message,
    });
  }
});

t.test('lines', async (t) => {
  const rows: [line: string, wanted: object | string][] = [
    ['progress', 'progress'],
    ['  watch foo  ', { request: { key: 'foo', end: undefined } }],
    ['watch --rev=3 "a b" c', { request: { key: 'a b', end: 'c', startRev: 3 } }],
    ['watch a --prefix --filter delete --prev-kv', { request: { end: 'b', filters: ['nodelete'], prevKv: true } }],
    ['watch a --filter put --filter=delete', { request: { filters: ['noput', 'nodelete'] } }],
    ["watch a -- sh -c 'echo --rev'", { command: ['sh', '-c', 'echo --rev'] }],
    ['watch "\\xff" -- echo "\\u00e4"', { request: { key: '\xff' }, command: ['echo', 'ä'] }],
  ];
  for (const [line, wanted] of rows) t.match(parseWatchLine(bytes(line), NO_ENVIRONMENT), wanted, line);
  t.match(parseWatchLine(bytes('watch'), environmentOf('k', 'l')), { request: { key: 'k', end: 'l' } });
});

t.test('lines that make no sense', async (t) => {
  const rows: [line: string, message: RegExp][] = [
    ['get foo', /^invalid command: "get foo"$/],
    ['progress now', /^invalid command/],
    ['watch', /^bad number of arguments$/],
    ['watch a --nosuch', /^unknown option --nosuch$/],
    ['watch a --rev x', /^--rev: "x" is not a whole number from 0 on$/],
    ['watch a --filter get', /filter "get" is not known/],
    ["watch a -- ''", /^the command behind -- is empty$/],
    ['watch a -- sh "\\x00"', /^a word of the command holds a NUL byte: "\\u0000"$/],
    ['watch "a', /a quote is not closed/],
  ];
  for (const [line, message] of rows) {
    t.throws(
      () => parseWatchLine(bytes(line), NO_ENVIRONMENT),
      { constructor: MvccwError, code: 'USAGE', message },
      line,
    );
  }
});
