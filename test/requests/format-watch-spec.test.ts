import t from 'tap';
import { prefixEnd } from '../../src/mvcc/key-range.js';
import { formatWatchSpec } from '../../src/requests/format-watch-spec.js';
import { parseWatchSpec } from '../../src/requests/parse-watch-spec.js';
import type { WatchSpec } from '../../src/requests/watch-spec.js';
import fc from '../support/fast-check.js';

const BASE: WatchSpec = { name: 'w', key: 'k', filters: [], prevKv: false };

t.test('a watcher as one line', async (t) => {
  const cases: [Partial<WatchSpec>, string][] = [
    [{}, 'name=w,key=k'],
    [{ end: 'm' }, 'name=w,key=k,end=m'],
    [{ end: 'l' }, 'name=w,key=k,prefix'],
    [{ end: '' }, 'name=w,key=k,fromKey'],
    [{ key: '\xff', end: '' }, 'name=w,key=\\xff,fromKey'],
    [{ key: 'a,b\\c', end: undefined }, 'name=w,key=a\\,b\\\\c'],
    [{ key: "it's" }, 'name=w,key=it\\x27s'],
    [{ key: '\n\x1b\0' }, 'name=w,key=\\x0a\\x1b\\x00'],
    [{ key: 'gr\xc3\xbc\xc3\x9fe' }, 'name=w,key=grüße'],
    [{ key: 'gr\xfc' }, 'name=w,key=gr\\xfc'],
    [{ key: '\xe2\x80\xae' }, 'name=w,key=\\xe2\\x80\\xae'],
    [{ startRev: 0 }, 'name=w,key=k,rev=0'],
    [
      { startRev: 7, filters: ['noput', 'nodelete'], stream: 's, t', prevKv: true },
      'name=w,key=k,rev=7,filter=put,filter=delete,stream=s\\, t,prevKv',
    ],
    [{ progressNotify: true, fragment: true }, 'name=w,key=k,progressNotify,fragment'],
  ];
  for (const [spec, line] of cases) t.equal(formatWatchSpec({ ...BASE, ...spec }), line);
});

t.test('what is printed is read back as it was, and is safe between single quotes', async (t) => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const key = fc.string({ unit: fc.oneof(byte, fc.constantFrom(',', '\\', "'", '=', 'x', '0')), minLength: 1 });
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const spec = fc
    .record({
      name: text.filter((name) => name !== '*' && !/\p{C}/u.test(name)),
      key,
      range: fc.oneof(
        fc.constant({}),
        fc.constant({ prefix: true }),
        fc.constant({ end: '' }),
        key.map((end) => ({ end })),
      ),
      startRev: fc.option(fc.nat(), { nil: undefined }),
      filters: fc.subarray(['noput', 'nodelete'] as const),
      prevKv: fc.boolean(),
      switches: fc.subarray(['progressNotify', 'fragment'] as const),
      stream: fc.option(text, { nil: undefined }),
    })
    .map(({ range, startRev, stream, switches, ...rest }): WatchSpec => {
      const end = 'prefix' in range ? prefixEnd(rest.key) : 'end' in range ? range.end : undefined;
      return {
        ...rest,
        end,
        ...Object.fromEntries(switches.map((name) => [name, true])),
        ...(startRev !== undefined && { startRev }),
        ...(stream !== undefined && { stream }),
      };
    })
    // A single zero byte for an end is another way to write "from key on".
    .filter(({ key, end }) => end === undefined || end === '' || (key < end && end !== '\0'));
  fc.assert(
    fc.property(spec, (given) => {
      const line = formatWatchSpec(given);
      t.notMatch(line, /['\n]/);
      t.strictSame(parseWatchSpec(line, 1), given);
    }),
  );
});
