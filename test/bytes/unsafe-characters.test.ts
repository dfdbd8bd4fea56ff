import t from 'tap';
import { utf8 } from '../../src/bytes/byte-string.js';
import { quoteKey, quoteText } from '../../src/bytes/key-text.js';
import { unescapeBytes } from '../../src/bytes/unescape.js';
import { holdsUnsafe, jsonText } from '../../src/bytes/unsafe-characters.js';
import { toJson } from '../../src/output/formats/json.js';
import { escapeBytes, escapeMessage, escapeText } from '../../src/output/terminal/text.js';
import { formatScenario } from '../../src/replay/scenario/format-scenario.js';
import { parseScenario } from '../../src/replay/scenario/parse-scenario.js';

/** Characters that move the cursor of a terminal or reorder, hide or split text. U+061C and U+2028 were once let through. */
const UNSAFE_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe0001],
  [0xe0020, 0xe007f],
];

const unsafe = UNSAFE_RANGES.flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
);

t.test('no such character is left, whichever way text is shown', (t) => {
  const left = unsafe.filter((char) => {
    const text = `a${char}b`;
    const shown = [escapeText(text), quoteKey(utf8(text)), quoteText(text), toJson({ text }), escapeMessage(text)];
    return char !== '\n' && shown.some(holdsUnsafe);
  });
  t.strictSame(left, []);
  t.equal(escapeMessage('a\nb'), 'a\nb', 'a message may have lines');
  t.end();
});

t.test('other characters stay', (t) => {
  const text = 'grüße 世界 🎉 ∞ ●';
  t.equal(escapeText(text), text);
  t.equal(jsonText(text), `"${text}"`);
  t.equal(escapeMessage(text), text);
  t.end();
});

t.test('what is shown can be given back', (t) => {
  const whole = unsafe.filter((char) => char.length === 2 || !/\p{Cs}/u.test(char)).join('');
  t.equal(unescapeBytes(escapeBytes(utf8(whole))), utf8(whole));
  t.equal(escapeText('\u{e0001}\u061c'), '\\U000e0001\\u061c');
  t.equal(JSON.parse(jsonText(whole)), whole);
  const scenario = { history: { commits: [{ put: { key: whole, value: `x${whole}` } }] } };
  const yaml = formatScenario(scenario);
  t.notOk(holdsUnsafe(yaml.replaceAll('\n', '')), 'a scenario that is printed');
  t.strictSame(parseScenario(yaml, 's').text, scenario);
  t.end();
});
