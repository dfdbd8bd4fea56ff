import t from 'tap';
import { flagWords, parseSwitch } from '../../src/requests/flag-words.js';

/** The flags are --rev and -w with a value, --prefix and -i without. */
const FLAGS = new Map([
  ['--rev', 'rev'],
  ['--write-out', 'w'],
  ['-w', 'w'],
  ['--prefix', 'prefix'],
  ['-i', 'i'],
  ['-h', 'h'],
]);
const VALUES = ['rev', 'w'];

function read(words: readonly string[]): string {
  const flags = { find: (name: string) => FLAGS.get(name), takesValue: (flag: string) => VALUES.includes(flag) };
  return [...flagWords(words, flags)]
    .map((piece) => {
      if ('flag' in piece) return `${piece.flag}:${piece.text}`;
      if ('unknown' in piece) return `?${piece.unknown}`;
      return 'argument' in piece ? piece.argument : `-- ${piece.behindSeparator.join(' ')}`;
    })
    .join(', ');
}

t.test('words as pflag reads them', async (t) => {
  const rows: [words: string, pieces: string][] = [
    ['--rev=5 --rev 5 --rev= --rev', 'rev:5, rev:5, rev:, rev:undefined'],
    ['--rev -5 --rev -- --rev --prefix', 'rev:-5, rev:--, rev:--prefix'],
    ['--rev=a=b', 'rev:a=b'],
    ['-w json -w=json -wjson -wjs=on', 'w:json, w:json, w:json, w:js=on'],
    ['-w= a', 'w:=, a'],
    ['-w', 'w:undefined'],
    ['-i -i=true -i=false -i=x', 'i:true, i:true, i:false, i:x'],
    [
      '-ih -iw json -ihwjson -ihw=json',
      'i:true, h:true, i:true, w:json, i:true, h:true, w:json, i:true, h:true, w:json',
    ],
    ['-ih=false', 'i:true, h:false'],
    ['-i=', 'i:true, ?-='],
    ['-ix -xi -5', 'i:true, ?-x, ?-xi, ?-5'],
    ['--prefix --prefix=false --prefix true', 'prefix:true, prefix:false, prefix:true, true'],
    ['a - b -- --rev -i --', 'a, -, b, -- --rev -i --'],
    ['--', '-- '],
    ['--nosuch --nosuch=1 ---rev --=x --=', '?--nosuch, ?--nosuch=1, ?---rev, ?--=x, ?--='],
    ['-write-out', 'w:rite-out'],
  ];
  for (const [words, pieces] of rows) t.equal(read(words.split(' ')), pieces, words);
  t.equal(read(['--rev=a\nb', '-wa\nb', '']), 'rev:a\nb, w:a\nb, ');
});

t.test('the value of a switch is what ParseBool takes', async (t) => {
  for (const yes of ['1', 't', 'T', 'true', 'TRUE', 'True']) t.equal(parseSwitch(yes, '-i'), true);
  for (const no of ['0', 'f', 'F', 'false', 'FALSE', 'False']) t.equal(parseSwitch(no, '-i'), false);
  for (const neither of ['', 'yes', 'tRUE', ' true']) {
    t.throws(() => parseSwitch(neither, '-i'), { code: 'USAGE', message: /^-i: ".*" is neither true nor false$/ });
  }
});
