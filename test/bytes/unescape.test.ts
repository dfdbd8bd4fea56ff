import t from 'tap';
import { utf8 } from '../../src/bytes/byte-string.js';
import { fromHex } from '../../src/bytes/hex.js';
import { unescapeBytes } from '../../src/bytes/unescape.js';
import { escapeBytes, hexBytes } from '../../src/output/terminal/text.js';
import fc from '../support/fast-check.js';

t.test('escapes', async (t) => {
  const rows: [text: string, bytes: string][] = [
    ['/a', '/a'],
    ['grüße', utf8('grüße')],
    ['b\\xff\\x00', 'b\xff\0'],
    ['\\n\\r\\t', '\n\r\t'],
    ['\\u202e', utf8('\u202e')],
    ['C:\\\\x\\,', 'C:\\x,'],
    ['\\xf \\u12 \\', 'xf u12 \\'],
  ];
  for (const [text, bytes] of rows) t.equal(unescapeBytes(text), bytes, text);
});

t.test('what is printed is read back', async () => {
  const anyBytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });
  const anyText = fc.string({ unit: 'binary' }).map(utf8);
  fc.assert(
    fc.property(fc.oneof(anyBytes, anyText), (bytes) => {
      return unescapeBytes(escapeBytes(bytes)) === bytes && fromHex(hexBytes(bytes)) === bytes;
    }),
  );
});
