import t from 'tap';
import { DIFF_STAT_PRINTERS } from '../../../src/output/diff/diff-printer.js';
import { valueTeller } from '../../../src/output/kube/choose-teller.js';
import { styleFor } from '../../../src/output/terminal/style.js';

t.test('counts of more prefixes than a function takes arguments', async (t) => {
  const teller = await valueTeller({ decode: 'raw' });
  const style = await styleFor({ isTTY: false }, {});
  const printer = DIFF_STAT_PRINTERS.simple!({
    ...style,
    hex: false,
    teller,
    paths: ['a', 'b'],
    provenances: [],
    keysOnly: false,
  });
  const prefixes = Array.from({ length: 150_000 }, (_, i) => {
    return { prefix: `p${i}/`, added: 1, removed: 0, changed: 0, bytes: [0, i] as [number, number] };
  });
  const lines = printer.stat(prefixes).trimEnd().split('\n');
  t.equal(lines.length, prefixes.length);
  t.match(lines[0], /^\+1 {2}-0 {2}~0 +0 B -> 0 B {2}p0\/$/);
});
