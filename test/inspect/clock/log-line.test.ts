import t from 'tap';
import { logLine } from '../../../src/inspect/clock/log-line.js';
import { moment } from '../../../src/kube/timestamp.js';

/** Returns what a line says, as text: the revision, from when, until when, of which revision, and whether it is near. */
const told = (line: string): string[] =>
  logLine(line).map(({ revision, fromUs, untilUs, untilRevision, isNear }) =>
    [
      revision,
      fromUs === undefined ? '' : moment(fromUs).slice(11),
      untilUs === undefined ? '' : `${moment(untilUs).slice(11)} of ${untilRevision}`,
      isNear ? 'near' : '',
    ].join(' | '),
  );

const PUT = `{"level":"info","ts":"2026-11-28T04:55:31.951Z","caller":"traceutil/trace.go:145","msg":"trace[1023984242] put","detail":"{key:/a; req_size:12; response_revision:7; }","duration":"140.713ms","start":"2026-11-28T04:55:31.810Z","end":"2026-11-28T04:55:31.951Z","steps":["trace[1023984242] 'process raft request'  (duration: 139ms)"]}`;
const TXN = PUT.replace('] put', '] transaction').replace('{key:/a; req_size:12;', '{read_only:false;');

t.test('lines that say when a revision was', async (t) => {
  const start = '04:55:31.810000Z';
  const end = '04:55:31.952000Z';
  t.strictSame(told(PUT), [`7 | ${start} | ${end} of 7 | near`, `8 | ${start} |  | `], 'a put has its own revision');
  t.strictSame(
    told(TXN),
    [`7 |  | ${end} of 7 | near`, `8 | ${start} |  | `],
    'a transaction may have changed nothing',
  );
  const read = [`7 |  | ${end} of 7 | `, `8 | ${start} |  | `];
  t.strictSame(told(TXN.replace('read_only:false', 'read_only:true')), read);
  t.strictSame(told(PUT.replace('] put', '] range')), read);
  const container = `2026-11-28T04:55:31.999999999Z stderr F ${PUT}`;
  t.strictSame(told(container), told(PUT), 'the line of a container has the line of the server in it');
  const console = `2026-11-28T05:55:31.951+0100\tinfo\ttraceutil/trace.go:145\ttrace[5] put\t{"detail": "{key:/a; response_revision:7; }", "duration": "140ms", "start": "2026-11-28T05:55:31.810+0100", "end": "2026-11-28T05:55:31.951+0100"}`;
  t.strictSame(told(console), told(PUT), 'in the form for a console');
});

t.test('lines that say that a revision was there', async (t) => {
  const rows: [line: string, revision: number, untilUs: string][] = [
    [
      `{"level":"info","ts":"2026-11-28T16:08:14.822Z","caller":"mvcc/kvstore_compaction.go:56","msg":"finished scheduled compaction","compact-revision":4,"took":"21.492µs"}`,
      4,
      '16:08:14.823000Z',
    ],
    [
      `{"level":"info","ts":"2026-11-28T16:08:14.822Z","caller":"mvcc/index.go:189","msg":"compact tree index","revision":4}`,
      4,
      '16:08:14.823000Z',
    ],
    [
      `{"level":"info","ts":"2026-11-28T16:08:14.822Z","msg":"storing new hash","hash":189389043,"revision":9910,"compact-revision":9909}`,
      9909,
      '16:08:14.823000Z',
    ],
    [`2026-11-28 16:08:20.101529 I | mvcc: finished scheduled compaction at 3 (took 21.792µs)`, 3, '16:08:20.101529Z'],
    [`2026-11-28 16:08:20.101479 I | mvcc: store.index: compact 3`, 3, '16:08:20.101479Z'],
    [`{"ts":1795882100.5,"msg":"finished scheduled compaction","compact-revision":4}`, 4, '16:08:20.500000Z'],
    [
      `2026-11-28T16:08:20.5Z stderr F I1128 16:08:20.1 1 compact.go:1] compacted rev (777), endpoints`,
      777,
      '16:08:20.600000Z',
    ],
  ];
  for (const [line, revision, until] of rows)
    t.strictSame(told(line), [`${revision} |  | ${until} of ${revision} | `], line);
});

t.test('other lines say nothing, and a revision without a time is told', async (t) => {
  const others = [
    '',
    'x',
    '{"level":"info","msg":"saved snapshot","snapshot-index":10}',
    PUT.replace('response_revision:7; ', ''),
  ];
  for (const line of others) t.strictSame(told(line), [], line);
  t.throws(() => told('I1128 16:08:20.1 1 compact.go:1] compacted rev (777), endpoints'), { code: 'FORMAT' });
  t.throws(() => told(PUT.replace('"end":"2026', '"end":"202')), { code: 'FORMAT' });
});
