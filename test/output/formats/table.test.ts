import t from 'tap';
import { choosePrinter } from '../../../src/output/formats/registry.js';
import { drawTable } from '../../../src/output/formats/table.js';
import { HASH_PRINTERS } from '../../../src/output/hash-printer.js';
import { styleFor } from '../../../src/output/terminal/style.js';

const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString();

t.test('numbers to the right, text to the left, a line under the head', async (t) => {
  t.equal(
    text(
      drawTable(
        ['name', 'count'],
        [
          ['ü', 5],
          ['longer', 1234567],
          ['', ''],
        ],
      ),
    ),
    `┌────────┬─────────┐
│  NAME  │  COUNT  │
├────────┼─────────┤
│ ü      │       5 │
│ longer │ 1234567 │
│        │         │
└────────┴─────────┘
`,
  );
  t.equal(text(drawTable(['a', 'b'], [])), '┌───┬───┐\n│ A │ B │\n└───┴───┘\n');
});

t.test('a hash is printed as etcdctl 3.5.30 printed it', async (t) => {
  const hash = {
    path: '127.0.0.1:23950',
    hash: 3388911942,
    revision: 25,
    currentRev: 25,
    compactRevision: 22,
  };
  const style = await styleFor({}, {});
  const print = (format: string) => text(choosePrinter(HASH_PRINTERS, format)(hash, style));
  t.equal(print('simple'), '127.0.0.1:23950, 3388911942\n');
  t.equal(
    print('json'),
    '[{"Endpoint":"127.0.0.1:23950","HashKV":{"header":{"revision":25},"hash":3388911942,"compact_revision":22}}]\n',
  );
  t.equal(print('fields'), '"Revision" : 25\n"Endpoint" : "127.0.0.1:23950"\n"Hash" : 3388911942\n\n');
  t.equal(
    print('table'),
    `┌─────────────────┬────────────┐
│    ENDPOINT     │    HASH    │
├─────────────────┼────────────┤
│ 127.0.0.1:23950 │ 3388911942 │
└─────────────────┴────────────┘
`,
  );
});

t.test('a format that a result does not have', async (t) => {
  t.equal(choosePrinter({ simple: 1, json: 2 }, 'json'), 2);
  t.throws(() => choosePrinter({ simple: 1, json: 2 }, 'table'), {
    code: 'USAGE',
    message: 'table is not supported as output format here',
    hint: 'choose with -w one of simple, json',
  });
});
