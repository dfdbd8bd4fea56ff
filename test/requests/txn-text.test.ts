import t from 'tap';
import { parseCompareLine } from '../../src/requests/compare-line.js';
import { parseRequestLine } from '../../src/requests/request-line.js';
import { TxnText } from '../../src/requests/txn-text.js';
import { bytes } from '../support/bytes.js';

t.test('comparisons', async (t) => {
  const table: [line: string, compare: object][] = [
    ['value("foo") = "bar"', { key: 'foo', operator: '=', target: 'value', operand: Buffer.from('bar') }],
    ['val("foo") != ""', { key: 'foo', operator: '!=', target: 'value', operand: Buffer.alloc(0) }],
    ['value(`a"b`) < "\\xff"', { key: 'a"b', operator: '<', target: 'value', operand: Buffer.from([0xff]) }],
    ['mod("k") > "0"', { key: 'k', operator: '>', target: 'mod', operand: 0n }],
    ['m("k")>"-5"', { key: 'k', operator: '>', target: 'mod', operand: -5n }],
    ['create("k") = 7', { key: 'k', operator: '=', target: 'create', operand: 7n }],
    ['c("k") = "7"', { key: 'k', operator: '=', target: 'create', operand: 7n }],
    ['ver("k") = "9223372036854775807"', { key: 'k', operator: '=', target: 'version', operand: 2n ** 63n - 1n }],
    ['version( "k" ) = "1"', { key: 'k', operator: '=', target: 'version', operand: 1n }],
    ['lease("k") = "694d77aa9e38260f"', { key: 'k', operator: '=', target: 'lease', operand: 0x694d77aa9e38260fn }],
  ];
  for (const [line, compare] of table) t.strictSame(parseCompareLine(bytes(line)), compare, line);

  const refused: [line: string, message: RegExp][] = [
    ['bad compare', /^malformed comparison: "bad compare"$/],
    ['value(foo) = "bar"', /malformed/],
    ['value("foo") == "bar"', /malformed/],
    ['value("foo") = bar', /malformed/],
    ['value("foo") = 5', /a value stands in quotes/],
    ['value("foo") = "bar" x', /malformed/],
    ['size("foo") = "1"', /unknown target size/],
    ['constructor("foo") = "1"', /unknown target constructor/],
    ['value("") = "x"', /^key is not provided: a comparison is about the empty key$/],
    ['mod("foo") = "x"', /"x" is not a number/],
    [
      'mod("foo") = "9223372036854775808"',
      /\(9223372036854775808 is out of range: numbers have 64 bits, up to 9223372036854775807\)/,
    ],
    ['ver("foo") > -9223372036854775809', /is out of range/],
    ['mod("\\q") = "1"', /bad escape/],
    ['lease("foo") = "xyz"', /bad lease ID "xyz"/],
  ];
  for (const [line, message] of refused)
    t.throws(() => parseCompareLine(bytes(line)), { code: 'USAGE', message }, line);
});

t.test('requests', async (t) => {
  const put = { type: 'put', key: 'k', value: Buffer.from('v'), lease: 0n, prevKv: false };
  const table: [line: string, request: object][] = [
    ['put k v', put],
    ['put k "a b"', { ...put, value: Buffer.from('a b') }],
    ['put --prev-kv k v', { ...put, prevKv: true }],
    ['put k v --prev-kv=false', put],
    ['put k v --lease=ff', { ...put, lease: 255n }],
    ['put k v --lease ff', { ...put, lease: 255n }],
    ['put k --ignore-value', { ...put, value: 'current' }],
    ['put k v --ignore-lease', { ...put, lease: 'current' }],
    ['put k -- -v', { ...put, value: Buffer.from('-v') }],
    ['put k -', { ...put, value: Buffer.from('-') }],
    ['del k', { type: 'delete', key: 'k', end: undefined, prevKv: false }],
    ['del a --from-key', { type: 'delete', key: 'a', end: '', prevKv: false }],
    ['del a b --prev-kv', { type: 'delete', key: 'a', end: 'b', prevKv: true }],
    ['get k', { type: 'get', key: 'k', end: undefined }],
    ['get k --prefix', { type: 'get', key: 'k', end: 'l' }],
    ['get "" --prefix', { type: 'get', key: '\0', end: '' }],
    ['get k --rev=5 --limit 3', { type: 'get', key: 'k', end: undefined, rev: 5, limit: 3 }],
    ['get k --order=descend --sort-by=mod', { message: /bad sort target "mod"/ }],
    ['get k --order=descend', { type: 'get', key: 'k', end: undefined, order: 'DESCEND' }],
    ['get k --min-mod-rev=2', { type: 'get', key: 'k', end: undefined, minModRev: 2 }],
    ['put', { message: /has the form: put KEY VALUE/ }],
    ['put k', { message: /has the form: put KEY VALUE/ }],
    ['put k v w', { message: /has the form: put KEY VALUE/ }],
    ['put k v --ignore-value', { message: /has the form: put KEY --ignore-value/ }],
    ['put k v --lease=1 --ignore-lease', { message: /`--lease` and `--ignore-lease`/ }],
    ['put "" v', { message: /key is not provided/ }],
    ['put k v --lease', { message: /--lease needs a value/ }],
    ['put k v --lease=zz', { message: /bad lease ID "zz", expecting ID in Hex/ }],
    ['put k v --prev-kv=maybe', { message: /--prev-kv: "maybe" is neither true nor false/ }],
    ['put k v --prefix', { message: /unknown option --prefix/ }],
    ['put k v --constructor', { message: /unknown option --constructor/ }],
    ['put k -v', { message: /unknown option -v/ }],
    ['get', { message: /has the form: get KEY \[RANGE_END\]/ }],
    ['get a b c', { message: /has the form: get/ }],
    ['get a --prefix --from-key', { message: /`--prefix` and `--from-key`/ }],
    ['get a --keys-only --count-only', { message: /`--keys-only` and `--count-only`/ }],
    ['get a --rev=x', { message: /--rev: "x" is not a whole number/ }],
    ['del', { message: /has the form: del/ }],
    ['delete a', { message: /a request is a put, get or del, not "delete"/ }],
  ];
  for (const [line, wanted] of table) {
    if ('message' in wanted) t.throws(() => parseRequestLine(bytes(line)), { code: 'USAGE', ...wanted }, line);
    else t.strictSame(parseRequestLine(bytes(line)), wanted, line);
  }
});

function read(text: string) {
  const reader = new TxnText();
  for (const line of text.split('\n').slice(0, -1)) reader.addLine(bytes(line));
  return reader;
}

t.test('a whole transaction', async (t) => {
  const request = read('mod("k") > "0"\n\n put k v\nget k\n \n\n').request();
  t.equal(request.compares.length, 1);
  t.strictSame(
    request.success.map((op) => op.type),
    ['put', 'get'],
  );
  t.strictSame(request.failure, []);
  t.equal(read('\n\n').part, 'failure requests');
  t.equal(read('\n\n\n\n').part, undefined);
});

t.test('what is cut short or goes on is refused', async (t) => {
  t.throws(() => read('').request(), { message: /within the compares; nothing was done/ });
  t.throws(() => read('\nput a 1\n').request(), { message: /within the success requests/ });
  t.throws(() => read('\n\n').request(), { message: /within the failure requests/ });
  t.throws(() => read('\nput a 1\n\nput b 2\n\ndel c\n\n'), { message: /^line 6: the transaction has ended/ });
  t.throws(() => read('\nput a\n'), { message: /^line 2: a request has the form/ });
});

t.test('a line that was refused can be given anew', async (t) => {
  const reader = read('\n');
  t.throws(() => reader.addLine(bytes('put a')));
  reader.addLine(bytes('put a 1'));
  reader.addLine(bytes(''));
  reader.addLine(bytes(''));
  t.equal(reader.request().success.length, 1);
});

// `yes 'get a' | mvccw txn` once took memory until the process ended.
t.test('a transaction that has no end', async (t) => {
  const text = new TxnText(3);
  for (const line of ['', 'get a', 'get b']) text.addLine(bytes(line));
  t.equal(text.isFull, true);
  t.throws(() => text.addLine(bytes('get c')), {
    code: 'USAGE',
    message: 'the transaction has more than 3 lines or 268435456 bytes',
    hint: 'write several transactions',
  });
});
