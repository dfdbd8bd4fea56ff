import t from 'tap';
import { utf8 } from '../../../src/bytes/byte-string.js';
import { quoteGo } from '../../../src/bytes/quote.js';
import { bytesFor, escapeBytes } from '../../../src/output/terminal/text.js';
import fc from '../../support/fast-check.js';

t.test('bytes as text that no terminal acts on', async (t) => {
  const cases: [string, string][] = [
    ['', ''],
    ['/registry/pods/a', '/registry/pods/a'],
    ['a b', 'a b'],
    ['a\nb\r\t', 'a\\nb\\r\\t'],
    ['\x00\x1b[31m\x7f', '\\x00\\x1b[31m\\x7f'],
    ['C:\\x', 'C:\\\\x'],
    [utf8('grüße 世界 🎉'), 'grüße 世界 🎉'],
    [utf8('a\u009bb'), 'a\\u009bb'],
    [utf8('\ufeffa'), '\\ufeffa'],
    [utf8('\u202egnp.exe\u2066'), '\\u202egnp.exe\\u2066'],
    ['gr\xfc\xdfe', 'gr\\xfc\\xdfe'],
    ['\xff\xfe', '\\xff\\xfe'],
    ['\xc3', '\\xc3'],
  ];
  for (const [bytes, text] of cases) t.equal(escapeBytes(bytes), text);
});

t.test('whatever the bytes, no control character is left', async (t) => {
  const anyBytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      const control = /[\x00-\x1f\x7f-\x9f]/;
      return !control.test(escapeBytes(bytes)) && !control.test(Buffer.from(quoteGo(bytes), 'latin1').toString());
    }),
  );
  t.pass();
});

t.test('into a pipe bytes go as they are', async (t) => {
  t.equal(bytesFor(false, '\x1b\xff'), '\x1b\xff');
  t.equal(bytesFor(true, '\x1b\xff'), '\\x1b\\xff');
  t.equal(bytesFor(true, utf8('ü')), utf8('ü'));
});

t.test('quotes as Go writes them', async (t) => {
  const cases: [string, string][] = [
    ['', '""'],
    ['foo', '"foo"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['\xff', '"\\xff"'],
    ['\xc3(', '"\\xc3("'],
    [utf8('grüße'), utf8('"grüße"')],
    [utf8('\u00a0\u200b\u2028'), '"\\u00a0\\u200b\\u2028"'],
    [utf8('🎉'), utf8('"🎉"')],
    [utf8('\u{e0001}'), '"\\U000e0001"'],
    [utf8('\ufffd'), utf8('"\ufffd"')],
  ];
  for (const [bytes, quoted] of cases) t.equal(quoteGo(bytes), quoted);
});
