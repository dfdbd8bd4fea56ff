import t from 'tap';
import type { StoreStatus } from '../../src/inspect/status.js';
import { approximateBytes, STATUS_PRINTERS } from '../../src/output/status-printer.js';
import { styleFor } from '../../src/output/terminal/style.js';
import type { DatabaseInfo } from '../../src/storage/describe-database.js';
import { inspectionLines } from '../support/inspection-lines.js';

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
    packedBytes: 4321,
    buckets: [
      { name: 'key', keys: 313, dataBytes: 45678, pageBytes: 61440 },
      { name: 'meta', keys: 1, dataBytes: 34, pageBytes: 0 },
      { name: 'alarm', keys: 0, dataBytes: 0, pageBytes: 0 },
      { name: 'auth', keys: 0, dataBytes: 0, pageBytes: 0 },
    ],
    storageVersion: '3.6.0',
    consistentIndex: 400,
    term: 7,
    members: [
      { id: 'a1', name: 'm1', peerURLs: ['http://p:1', 'http://q:1'], clientURLs: ['http://c:1'], isLearner: false },
      { id: 'b2', name: '', peerURLs: ['http://p:2'], clientURLs: [], isLearner: true },
    ],
    removedMembers: ['c3'],
    alarms: [{ member: 'a1', alarm: 'NOSPACE' }],
    auth: { enabled: true, revision: 13, users: 2, roles: 1 },
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
  bumpedTo: 175,
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
restored    looks restored with --bump-revision: revision 175 is a record without a key, and all revisions before it are marked as compacted
records     313
keys        64 live, 7 deleted and not compacted
leases      2
watchers    0 registered
size        102 kB (102432 bytes)
packed      with gzip, in 4.3 kB
pages       of 4096 bytes, high-water mark 25, txid 20
freelist    not stored
bucket      key: 313 entries of 46 kB, in pages of 61 kB
bucket      meta: 1 entry of 34 B, inline
bucket      alarm, auth: empty
storage     version 3.6.0
raft        consistent index 400, term 7
member      a1 m1, peers http://p:1 http://q:1, clients http://c:1
member      b2 never started, learner, peers http://p:2
removed     member c3
alarm       NOSPACE, raised by member a1
auth        on, revision 13, 2 users, 1 role
damage      meta 0: its checksum is wrong
damage      page 4 is lost
`,
  );
  const json = print('json', SNAPSHOT);
  t.ok(
    json.startsWith(
      '{"path":"grüße.db","kind":"etcdSnapshot","etcdVersion":"3.5.0","sizeBytes":102432,"oldestRev":175,',
    ),
  );
  const { etcd, importedFrom: _, format: __, ...info } = SNAPSHOT;
  t.strictSame(inspectionLines(t, json), [JSON.parse(JSON.stringify({ ...info, ...STATUS, ...etcd }))]);
  t.match(
    print('fields', SNAPSHOT),
    `"Path" : "grüße.db"
"Kind" : "etcdSnapshot"
"EtcdVersion" : "3.5.0"
"SizeBytes" : 102432
"OldestRev" : 175
`,
  );
  t.match(print('fields', SNAPSHOT), '"Problems" : ["meta 0: its checksum is wrong","page 4 is lost"]\n');
  t.match(print('fields', SNAPSHOT), '"Alarms" : [{"member":"a1","alarm":"NOSPACE"}]\n');
  t.match(print('table', SNAPSHOT), '│ members             │ {"id":"b2","name":"","peerURLs":["http://p:2"],');
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
  t.match(simple, /\nfreelist {4}stored, 3 free pages, and it agrees with the pages in use\n/);
  t.match(
    print('simple', { ...file, sizeBytes: 25 * 4096 + 31 }),
    '\nkind        etcd database file or snapshot, not whole\n',
  );
  const unread = print('simple', { ...file, etcd: { ...file.etcd!, freePages: undefined } });
  t.match(unread, /\nfreelist {4}stored, but it cannot be read\n/);
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
