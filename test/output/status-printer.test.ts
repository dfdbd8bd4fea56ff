import t from 'tap';
import type { StoreStatus } from '../../src/inspect/status.js';
import { approximateBytes, STATUS_PRINTERS } from '../../src/output/status-printer.js';
import { styleFor } from '../../src/output/terminal/style.js';
import type { DatabaseInfo } from '../../src/storage/describe-database.js';

const SNAPSHOT: DatabaseInfo = {
  path: 'grüße.db',
  kind: 'etcdSnapshot',
  format: undefined,
  sizeBytes: 102432,
  watchers: 0,
  importedFrom: undefined,
  etcdVersion: '3.5.0',
  etcd: {
    pageSize: 4096,
    txid: 20,
    highWaterMark: 25,
    freelistStored: false,
    metaProblems: ['meta 0: its checksum is wrong'],
    freePages: undefined,
    problems: ['meta 0: its checksum is wrong', 'page 4 is lost'],
    digest: 'ok',
  },
};

const STATUS: StoreStatus = {
  oldestRev: 175,
  currentRev: 367,
  compactRev: 175,
  scheduledCompactRev: 175,
  finishedCompactRev: 120,
  compactionCutShort: true,
  records: 313,
  liveKeys: 64,
  deletedKeys: 7,
  leases: 2,
};

const style = await styleFor({}, {});
const print = (format: string, info: DatabaseInfo) =>
  Buffer.from(STATUS_PRINTERS[format]!(info, STATUS, style), 'latin1').toString();

t.test('an etcd snapshot', async (t) => {
  t.equal(
    print('simple', SNAPSHOT),
    `path        grüße.db
kind        etcd snapshot, and its SHA-256 is right
etcd        3.5.0, as the file names it
window      revisions 175 to 367
compaction  at 175, cut short: etcd, when it next starts, will finish it
records     313
keys        64 live, 7 deleted and not compacted
leases      2
watchers    0 registered
size        102 kB (102432 bytes)
pages       of 4096 bytes, high-water mark 25, txid 20
freelist    not stored
damage      meta 0: its checksum is wrong
damage      page 4 is lost
`,
  );
  t.equal(
    print('json', SNAPSHOT),
    '{"path":"grüße.db","kind":"etcdSnapshot","etcdVersion":"3.5.0","sizeBytes":102432,"oldestRev":175,"currentRev":367,"compactRev":175,' +
      '"scheduledCompactRev":175,"finishedCompactRev":120,"compactionCutShort":true,"records":313,"liveKeys":64,' +
      '"deletedKeys":7,"leases":2,"watchers":0,"pageSize":4096,"txid":20,"highWaterMark":25,"freelistStored":false,' +
      '"metaProblems":["meta 0: its checksum is wrong"],' +
      '"problems":["meta 0: its checksum is wrong","page 4 is lost"],"digest":"ok"}\n',
  );
  t.match(
    print('fields', SNAPSHOT),
    `"PageSize" : 4096
"Txid" : 20
"HighWaterMark" : 25
"FreelistStored" : false
"MetaProblems" : ["meta 0: its checksum is wrong"]
"Problems" : ["meta 0: its checksum is wrong","page 4 is lost"]
"Digest" : "ok"
`,
  );
});

t.test('an etcd file as a server has it', async (t) => {
  const file: DatabaseInfo = {
    ...SNAPSHOT,
    kind: 'etcdFile',
    sizeBytes: 25 * 4096,
    etcd: { ...SNAPSHOT.etcd!, digest: 'absent', freelistStored: true, freePages: 3, metaProblems: [], problems: [] },
  };
  const simple = print('simple', file);
  t.match(simple, '\nkind        etcd database file, without a digest\n');
  t.match(simple, /\nfreelist {4}stored, 3 free pages, and it agrees with the pages in use\n$/);
  t.match(
    print('simple', { ...file, sizeBytes: 25 * 4096 + 31 }),
    '\nkind        etcd database file or snapshot, not whole\n',
  );
  const unread = print('simple', { ...file, etcd: { ...file.etcd!, freePages: undefined } });
  t.match(unread, /\nfreelist {4}stored, but it cannot be read\n$/);
  t.match(print('table', file), '│ digest              │ absent');
});

t.test('sizes as etcdctl rounds them', async (t) => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [24576, '25 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [16_801_792, '17 MB'],
    [8_589_934_592, '8.6 GB'],
  ];
  for (const [bytes, wanted] of cases) t.equal(approximateBytes(bytes), wanted);
});
