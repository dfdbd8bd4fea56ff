import t from 'tap';
import { unquoteGo } from '../../src/bytes/unquote.js';
import { splitWords, trimBlanks } from '../../src/requests/words.js';
import { bytes } from '../support/bytes.js';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

t.test('words of a line', async (t) => {
  const table: [line: string, words: string[]][] = [
    ['', []],
    [' \t ', []],
    ['put foo bar', ['put', 'foo', 'bar']],
    ['  put\tfoo   bar  ', ['put', 'foo', 'bar']],
    ['put "a b" "c d"', ['put', 'a b', 'c d']],
    ["put 'a b' '\\n'", ['put', 'a b', '\\n']],
    ['put "" \'\'', ['put', '', '']],
    ['"a""b"', ['a', 'b']],
    [`it's "x"`, ["it's", 'x']],
    ['a"b c', ['a"b', 'c']],
    ['--lease="77"', ['--lease="77"']],
    ['"\\x00\\xff\\n\\"\\\\\\101\\u00e9\\U0001f600"', ['\0\xff\n"\\A\xc3\xa9\xf0\x9f\x98\x80']],
    // The UTF-8 of à ends with the byte that JavaScript takes for a no-break space.
    [latin1('put à à'), ['put', latin1('à'), latin1('à')]],
    [latin1('"à "'), [latin1('à ')]],
  ];
  for (const [line, words] of table) t.strictSame(splitWords(bytes(line)), words, JSON.stringify(line));
  t.throws(() => splitWords(bytes('put "a')), { code: 'USAGE', message: /quote is not closed/ });
  t.throws(() => splitWords(bytes("put 'a")), { code: 'USAGE', message: /quote is not closed/ });
  t.throws(() => splitWords(bytes('put "\\q"')), { code: 'USAGE', message: /bad escape/ });
  t.equal(trimBlanks(bytes(` \t${latin1('à')}\r`)), latin1('à'));
});

t.test("Go's quoted strings", async (t) => {
  const table: [quoted: string, bytes: string | undefined][] = [
    ['""', ''],
    ['"a"', 'a'],
    ['`a\\n"`', 'a\\n"'],
    ['"\\a\\b\\f\\n\\r\\t\\v"', '\x07\b\f\n\r\t\v'],
    ['"\\377"', '\xff'],
    ['"\\400"', undefined],
    ['"\\x4"', undefined],
    ['"\\ud800"', undefined],
    ['"\\U00110000"', undefined],
    ['"\\\'"', undefined],
    ['"a"b"', undefined],
    ['"\n"', undefined],
    ['`a`b`', undefined],
    ["'a'", undefined],
    ['a', undefined],
    ['"', undefined],
    ['', undefined],
  ];
  for (const [quoted, wanted] of table) t.equal(unquoteGo(bytes(quoted)), wanted, quoted);
});
