import t from 'tap';
import { styleFor } from '../../../src/output/terminal/style.js';

t.test('colour is for terminals, unless it is not wanted', async (t) => {
  const cases: [{ isTTY?: boolean; columns?: number }, Record<string, string>, boolean, boolean][] = [
    [{}, {}, false, false],
    [{ isTTY: false }, {}, false, false],
    [{ isTTY: true }, {}, true, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, true, false],
    [{ isTTY: true }, { NO_COLOR: '' }, true, true],
    [{ isTTY: true }, { TERM: 'dumb' }, true, false],
    [{ isTTY: true }, { TERM: 'xterm' }, true, true],
  ];
  for (const [stream, env, terminal, coloured] of cases) {
    const style = await styleFor(stream, env);
    t.equal(style.terminal, terminal);
    t.equal(style.colour.red('x'), coloured ? '\x1b[31mx\x1b[39m' : 'x', JSON.stringify([stream, env]));
  }
});

t.test('only a terminal has a width', async (t) => {
  t.equal((await styleFor({ isTTY: true, columns: 80 }, {})).columns, 80);
  t.equal((await styleFor({ columns: 80 }, {})).columns, undefined);
});
