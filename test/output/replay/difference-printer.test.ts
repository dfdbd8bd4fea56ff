import t from 'tap';
import { DIFFERENCE_PRINTERS } from '../../../src/output/replay/difference-printer.js';
import { styleFor } from '../../../src/output/terminal/style.js';
import type { ComparedEvent, WatcherDifference } from '../../../src/replay/findings/compare-releases.js';

const style = await styleFor({}, {});
const put = (key: string | undefined, revision: number): ComparedEvent => ({
  type: key === undefined ? 'PROGRESS' : 'PUT',
  key,
  revision,
});
const lost = (watcher: string, onlyFirst: readonly ComparedEvent[]): WatcherDifference => ({
  watcher,
  onlyFirst,
  onlySecond: [],
  endFirst: 'synced',
  endSecond: 'compacted at 88',
});

const print = (format: string, differences: readonly WatcherDifference[]) =>
  DIFFERENCE_PRINTERS[format]!(['3.5.12', '3.5.13'], differences, style);

t.test('watchers that differ alike are told once, and events in runs', async (t) => {
  const events = Array.from({ length: 191 }, (_, i) => put('/a', 111 + i));
  const differences = [
    ...Array.from({ length: 42 }, (_, i) => lost(`w${i}`, events)),
    lost(
      'keys',
      [...'abcde'].map((key, i) => put(`/${key}\n`, 5 + i)),
    ),
    lost('few', [put('/a', 2), put('/b', 3), { type: 'DELETE', key: '/a', revision: 4, late: true }]),
    lost('w42', events),
    lost('again', [put('/a', 7), put('/a', 8), put('/a', 7), put('/a', 8)]),
    lost(
      'progress',
      [1, 2, 3, 4].map((revision) => put(undefined, revision)),
    ),
  ];
  const ends = '- ends synced\n+ ends compacted at 88\n';
  t.equal(
    print('simple', differences),
    `--- etcd 3.5.12
+++ etcd 3.5.13
@@ w0 and 42 others alike @@
- PUT    111..301  /a  (191 events)
${ends}@@ keys @@
- PUT    5..9  /a\\n, /b\\n, /c\\n, and 2 more  (5 events)
${ends}@@ few @@
- PUT    2  /a
- PUT    3  /b
- DELETE 4  /a  (behind progress that counts it)
${ends}@@ again @@
- PUT    7  /a
- PUT    8  /a
- PUT    7  /a
- PUT    8  /a
${ends}@@ progress @@
- PROGRESS 1..4  (4 responses)
${ends}`,
  );
  const lines = print('json', differences).trimEnd().split('\n');
  t.equal(lines.length, differences.length, 'JSON keeps all');
  t.equal(JSON.parse(lines[0]!).onlyFirst.length, 191);
});
