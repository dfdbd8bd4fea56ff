import t from 'tap';
import { choosePrinter } from '../../../src/output/formats/registry.js';
import { drawTable } from '../../../src/output/formats/table.js';
import { HASH_PRINTERS } from '../../../src/output/hash-printer.js';
import { styleFor } from '../../../src/output/terminal/style.js';
import { textWidth } from '../../../src/output/terminal/width.js';
import { addWatchSpec } from '../../../src/requests/watch-spec.js';
import { newDatabase, runCli } from '../../support/run-cli.js';

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

t.test('a long table, which is drawn in parts, has no seams', async (t) => {
  const rows = Array.from({ length: 1001 }, (_, i) => [`key${i}`, i]);
  const lines = text(drawTable(['key', 'n'], rows))
    .trimEnd()
    .split('\n');
  t.strictSame(
    lines.slice(3, -1),
    rows.map(([key, n]) => `│ ${String(key).padEnd(7)} │ ${String(n).padStart(4)} │`),
  );
  t.equal(lines.at(-1), '└─────────┴──────┘');
});

t.test('wide characters and combining marks keep the borders in line', async (t) => {
  const drawn = text(
    drawTable(
      ['名前', 'n'],
      [
        ['日本', 1],
        ['🫠e\u0301', 22],
        ['\u0301', 3],
      ],
    ),
  );
  t.equal(
    drawn,
    `┌──────┬────┐
│ 名前 │ N  │
├──────┼────┤
│ 日本 │  1 │
│ 🫠e\u0301  │ 22 │
│  \u0301    │  3 │
└──────┴────┘
`,
  );
  for (const line of drawn.trimEnd().split('\n')) t.equal(textWidth(line), 13);
});

t.test('on a terminal, text is cut to its width, and numbers and what is whole are not', async (t) => {
  const head = ['key', 'end', 'rev'];
  const rows = [
    ['/registry/pods/default/web-3', { whole: 'compacted at 88' }, 1234567],
    ['a', { whole: '' }, 1],
  ];
  t.equal(
    text(drawTable(head, rows, { columns: 50 })),
    `┌────────────────────┬─────────────────┬─────────┐
│        KEY         │       END       │   REV   │
├────────────────────┼─────────────────┼─────────┤
│ /registry…lt/web-3 │ compacted at 88 │ 1234567 │
│ a                  │                 │       1 │
└────────────────────┴─────────────────┴─────────┘
`,
  );
  t.equal(drawTable(head, rows, { columns: 200 }), drawTable(head, rows), 'nothing to cut');
  t.match(text(drawTable(head, rows)), '/registry/pods/default/web-3', 'in a pipe all is whole');
});

t.test('where the screen is too narrow, each row has lines for its columns', async (t) => {
  const head = ['key', 'end', 'rev'];
  const rows = [
    ['/registry/pods/default/web-3', { whole: 'compacted at 88' }, 1234567],
    ['a', { whole: '' }, 1],
  ];
  t.equal(
    text(drawTable(head, rows, { columns: 30 })),
    `┌─────┬──────────────────────┐
│ KEY │ /registry/…ult/web-3 │
├─────┼──────────────────────┤
│ END │ compacted at 88      │
│ REV │ 1234567              │
└─────┴──────────────────────┘
┌─────┬───┐
│ KEY │ A │
├─────┼───┤
│ END │   │
│ REV │ 1 │
└─────┴───┘
`.replace('│ KEY │ A │', '│ KEY │ a │'),
  );
});

t.test('every table of a command fits a terminal of 40, 80 and 200 columns', async (t) => {
  const long = 'x'.repeat(3000);
  const db = await newDatabase(t, ({ store, backend }) => {
    store.grantLease(0x7fffffffffffffffn, 60);
    store.write((txn) => {
      txn.put(`/${long}`.slice(0, 300), Buffer.from(long), 0x7fffffffffffffffn);
      txn.put('/日本', Buffer.from('値'.repeat(500)));
    });
    backend.transaction(() => {
      addWatchSpec(backend.tables.watch, { name: `w${long}`.slice(0, 90), key: '/日本', filters: [], prevKv: true });
    });
  });
  const commands = [
    ['get', '/', '--prefix'],
    ['get', '/', '--prefix', '--hex'],
    ['put', '/日本', 'x', '--prev-kv'],
    ['del', '/日本', '--prev-kv'],
    ['replay'],
    ['status'],
    ['hash'],
    ['tree'],
    ['tree', '--stab', '/日本'],
    ['watcher', 'list'],
    ['lease', 'list'],
    ['lease', 'timetolive', '7fffffffffffffff', '--keys'],
    ['case', 'list'],
    ['version'],
  ];
  for (const columns of [40, 80, 200]) {
    for (const args of commands) {
      const options = { isTTY: true, columns, env: { NO_COLOR: '1' } };
      const { stdout, exitCode } = await runCli(['--db', db, ...args, '-w', 'table'], options);
      t.equal(exitCode, 0);
      const tooLong = stdout.split('\n').filter((line) => textWidth(line) > columns);
      t.strictSame(tooLong, [], `${args.join(' ')} at ${columns}`);
    }
  }
  t.match((await runCli(['--db', db, 'get', '/', '--prefix', '-w', 'table'])).stdout, long, 'in a pipe all is whole');
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
