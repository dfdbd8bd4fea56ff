import t from 'tap';
import type { Bytes } from '../../src/bytes/byte-string.js';
import { parseCompareLine } from '../../src/requests/compare-line.js';
import { formatCompare, formatPut } from '../../src/requests/format-txn.js';
import { parseRequestLine } from '../../src/requests/request-line.js';
import { anyBytes } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { draws } from '../support/random.js';

const key = anyBytes(6)
  .filter(({ length }) => length > 0)
  .map((bytes) => bytes.toString('latin1'));

t.test('a line is read back as what it was', async (t) => {
  const lease = fc.constantFrom(0n, 0x694d77aa9e38260fn);
  fc.assert(
    fc.property(key, anyBytes(6), lease, fc.nat(), (key, value, lease, rev) => {
      const put = formatPut({ key, value, lease });
      t.strictSame(parseRequestLine(put), { type: 'put', key, value, lease, prevKv: false });
      const compare = { key, target: 'mod', operator: '=', operand: BigInt(rev) } as const;
      t.strictSame(parseCompareLine(formatCompare(compare)), compare);
      t.notMatch(put, /[\n\r]/);
    }),
    { numRuns: draws(100, 5000) },
  );
});

t.test('how lines look', async (t) => {
  const put = (key: string, value: string, lease = 0n) => formatPut({ key, value: Buffer.from(value), lease });
  t.equal(put('/a', 'x y'), 'put "/a" "x y"');
  t.equal(put('/a', ''), 'put "/a" ""');
  t.equal(put('/a', '-x'), 'put -- "/a" "-x"');
  t.equal(put('-a', 'x', 255n), 'put --lease=ff -- "-a" "x"');
  t.equal(put('a"b', '\n\xff'), 'put "a\\"b" "\\nÿ"'.replace('ÿ', Buffer.from('ÿ').toString('latin1')));
  const compare = { key: 'a', operator: '=' } as const;
  t.equal(formatCompare({ ...compare, target: 'mod', operand: 0n }), 'mod("a") = "0"' as Bytes);
  t.equal(formatCompare({ ...compare, target: 'lease', operand: 255n }), 'lease("a") = "ff"');
});
