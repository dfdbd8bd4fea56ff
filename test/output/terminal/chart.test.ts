import t from 'tap';
import { drawBar } from '../../../src/output/terminal/bar.js';
import { drawChart } from '../../../src/output/terminal/chart.js';
import type { Style } from '../../../src/output/terminal/style.js';

const plain = (text: string) => text;
const style = (columns?: number): Style => ({
  terminal: columns !== undefined,
  columns,
  colour: { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain },
});

t.test('a bar is as long as its sum, and its parts end where they should', async (t) => {
  const bar = (amounts: number[], full: number, cells: number) =>
    drawBar(
      amounts.map((amount, i) => ({ amount, glyph: 'abc'[i]!, paint: plain })),
      full,
      cells,
    );
  t.equal(bar([5, 3, 2], 10, 10), 'aaaaabbbcc');
  t.equal(bar([5, 3, 2], 20, 10), 'aaabc');
  t.equal(bar([1, 1, 1], 3, 2), 'ac');
  t.equal(bar([1, 0, 0], 1e9, 10), 'a');
  t.equal(bar([0, 0, 0], 10, 10), '');
  t.equal(bar([0], 0, 10), '');
});

t.test('columns are aligned; bars and whole keys only where there is room', async (t) => {
  const rows = [
    ['/registry/pods/default/a-long-name', '7'],
    ['b', '1234'],
  ];
  const options = { numbers: [1], keys: 0, bar: (row: number, columns: number) => '#'.repeat(columns - row) };
  const draw = (columns?: number) => drawChart(['key', 'n'], rows, options, style(columns));
  t.same(draw(), [
    'key                                    n',
    '/registry/pods/default/a-long-name     7',
    'b                                   1234',
  ]);
  t.equal(draw(60)[1], `/registry/pods/default/a-long-name     7  ${'#'.repeat(18)}`);
  t.equal(draw(60)[2]?.length, 59);
  t.equal(draw(40)[1], '/registry/p…-long-name     7  ##########');
  t.equal(draw(20)[1], '/registr…ng-name     7');
});
