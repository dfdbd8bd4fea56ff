import t from 'tap';
import { utf8 } from '../../src/bytes/byte-string.js';
import { quoteGo } from '../../src/bytes/quote.js';

t.test('as Go quotes', async (t) => {
  const rows: [bytes: string, quoted: string][] = [
    ['', '""'],
    ['a"b\\\n\0', '"a\\"b\\\\\\n\\x00"'],
    ['\xff\xc3', '"\\xff\\xc3"'],
    [utf8('grüße 世界 🎉'), utf8('"grüße 世界 🎉"')],
    [utf8('\u00a0\u0085\u202e'), '"\\u00a0\\u0085\\u202e"'],
    [utf8('\u{e0001}\u{10ffff}'), '"\\U000e0001\\U0010ffff"'],
  ];
  for (const [bytes, quoted] of rows) t.equal(quoteGo(bytes), quoted, quoted);
});

// The tables of node are newer than those of Go: etcdctl -w fields printed these otherwise.
t.test('characters newer than those of Go are escaped', async (t) => {
  const rows: [char: string, quoted: string][] = [
    ['\u{2ffc}', '"\\u2ffc"'], // 15.1
    ['\u{1c89}', '"\\u1c89"'], // 16.0
    ['\u{1fae9}', '"\\U0001fae9"'], // 16.0
    ['\u{323b0}', '"\\U000323b0"'], // 17.0
    ['\u{33479}', '"\\U00033479"'], // the last one
  ];
  for (const [char, quoted] of rows) t.equal(quoteGo(utf8(char)), quoted, quoted);
  const older = '\u{1fae8}\u{31350}\u{1c88}\u{2ff0}';
  t.equal(quoteGo(utf8(older)), utf8(`"${older}"`), 'those of 15.0 are not');
});
