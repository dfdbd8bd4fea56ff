import t, { type Test } from 'tap';
import type { Store } from '../../src/mvcc/store.js';
import { addWatchSpec } from '../../src/requests/watch-spec.js';
import { newDatabase, runCli, stdoutOf, tamper } from '../support/run-cli.js';

const put = (store: Store, key: string, value: string) => store.write((txn) => txn.put(key, Buffer.from(value)));

/**
 * Writes this history:
 *
 *   revision     2     3     4        5      6              7
 *   /pods/a      put   put                   put            deleted
 *   /pods/b                  put             put
 *   /other                          put
 */
function write(store: Store): void {
  put(store, '/pods/a', '1');
  put(store, '/pods/a', '22');
  put(store, '/pods/b', '333');
  put(store, '/other', '');
  store.write((txn) => {
    txn.put('/pods/a', Buffer.from('4444'));
    txn.put('/pods/b', Buffer.from('55555'));
  });
  store.write((txn) => txn.deleteRange('/pods/a'));
}

function history(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => write(store));
}

const PODS = 'name=pods,key=/pods/,prefix';

t.test('without a watcher, one watches everything', async (t) => {
  const db = await history(t);
  t.equal(
    await stdoutOf(t, ['replay', '--db', db]),
    `0.000s  all  sync  7 events of revisions 2..7, the store at 7
  PUT    2  /pods/a  (version 1, 1 byte)
  PUT    3  /pods/a  (version 2, 2 bytes)
  PUT    4  /pods/b  (version 1, 3 bytes)
  PUT    5  /other  (version 1, 0 bytes)
  PUT    6  /pods/a  (version 3, 4 bytes)
  PUT    6  /pods/b  (version 2, 5 bytes)
  DELETE 7  /pods/a

all  7 events in 1 batch, synced
Replayed as etcd 3.7.1.
`,
  );
});

t.test('batches, one a pass, each format', async (t) => {
  const db = await history(t);
  const args = ['replay', '--db', db, '--from-rev', '5', '--watch', PODS, '--watch-batch-max-revs', '1'];
  t.equal(
    await stdoutOf(t, args),
    `0.000s  pods  sync  2 events of revision 6, the store at 7
  PUT    6  /pods/a  (version 3, 4 bytes)
  PUT    6  /pods/b  (version 2, 5 bytes)
0.100s  pods  sync  1 event of revision 7, the store at 7
  DELETE 7  /pods/a

pods  3 events in 2 batches, synced; at most 1 revision and 0.100s behind
Replayed as etcd 3.7.1.
`,
  );
  t.equal(
    await stdoutOf(t, [...args, '-w', 'json', '--resync-period', '250ms']),
    '{"schema":1,"kind":"response","etcd":"3.7.1","timeUs":0,"sentUs":0,"watcher":"pods","stream":"pods","via":"sync","response":{"Header":{"revision":7},"Events":[' +
      '{"kv":{"key":"L3BvZHMvYQ==","create_revision":2,"mod_revision":6,"version":3,"value":"NDQ0NA=="}},' +
      '{"kv":{"key":"L3BvZHMvYg==","create_revision":4,"mod_revision":6,"version":2,"value":"NTU1NTU="}}' +
      '],"CompactRevision":0,"Canceled":false,"Created":false},"bytes":79}\n' +
      '{"schema":1,"kind":"response","etcd":"3.7.1","timeUs":250000,"sentUs":250000,"watcher":"pods","stream":"pods","via":"sync","response":{"Header":{"revision":7},"Events":[' +
      '{"type":1,"kv":{"key":"L3BvZHMvYQ==","mod_revision":7}}' +
      '],"CompactRevision":0,"Canceled":false,"Created":false},"bytes":45}\n',
  );
  t.equal(
    await stdoutOf(t, [...args, '-w', 'fields']),
    `"Etcd" : "3.7.1"
"TimeUs" : 0
"Watcher" : "pods"
"Stream" : "pods"
"Via" : "sync"
"Revision" : 7
"Type" : PUT
"Key" : "/pods/a"
"CreateRevision" : 2
"ModRevision" : 6
"Version" : 3
"Value" : "4444"
"Lease" : 0
"Type" : PUT
"Key" : "/pods/b"
"CreateRevision" : 4
"ModRevision" : 6
"Version" : 2
"Value" : "55555"
"Lease" : 0

"Etcd" : "3.7.1"
"TimeUs" : 100000
"Watcher" : "pods"
"Stream" : "pods"
"Via" : "sync"
"Revision" : 7
"Type" : DELETE
"Key" : "/pods/a"
"CreateRevision" : 0
"ModRevision" : 7
"Version" : 0
"Value" : ""
"Lease" : 0

`,
  );
  t.equal(
    await stdoutOf(t, [...args, '-w', 'table', '--watch', 'name=none,key=/none,stream=s']),
    `┌─────────┬────────┬────────┬────────┬─────────┬───────┬──────────┬─────────┐
│ WATCHER │ STREAM │  END   │ EVENTS │ BATCHES │ AGAIN │ FILTERED │ MISSING │
├─────────┼────────┼────────┼────────┼─────────┼───────┼──────────┼─────────┤
│ pods    │ pods   │ synced │      3 │       2 │     0 │        0 │       0 │
│ none    │ s      │ synced │      0 │       0 │     0 │        0 │       0 │
└─────────┴────────┴────────┴────────┴─────────┴───────┴──────────┴─────────┘
┌─────────┬────────┬─────┬────────┬──────┬──────────┬────────┬─────────┐
│ WATCHER │ SYNCED │ LAG │ DELAY  │ FULL │  BUFFER  │ MEMORY │ MESSAGE │
├─────────┼────────┼─────┼────────┼──────┼──────────┼────────┼─────────┤
│ pods    │ 0.000s │   0 │ 0.000s │    0 │ 1 of 128 │ 0 B    │ 79 B    │
│ none    │ 0.000s │   0 │ 0.000s │    0 │ 0 of 128 │ 0 B    │ 0 B     │
└─────────┴────────┴─────┴────────┴──────┴──────────┴────────┴─────────┘
┌──────────────────────────────────────────┬────────────┬──────┐
│                 COUNTER                  │ AT THE END │ PEAK │
├──────────────────────────────────────────┼────────────┼──────┤
│ etcd_debugging_mvcc_watch_stream_total   │          2 │    2 │
│ etcd_debugging_mvcc_watcher_total        │          2 │    2 │
│ etcd_debugging_mvcc_slow_watcher_total   │          0 │    2 │
│ etcd_debugging_mvcc_pending_events_total │          0 │    2 │
│ mvccw_watch_pending_event_bytes          │          0 │   43 │
│ etcd_debugging_mvcc_events_total         │          3 │    3 │
└──────────────────────────────────────────┴────────────┴──────┘
Replayed as etcd 3.7.1.
`,
  );
});

t.test('filters, the record before, and a shared stream', async (t) => {
  const db = await history(t);
  t.equal(
    await stdoutOf(t, [
      ...['replay', '--db', db, '--from-rev', '6'],
      ...['--watch', 'name=puts,key=/pods/,prefix,filter=delete,prevKv,stream=s'],
      ...['--watch', 'name=deletes,key=/pods/,prefix,filter=put,prevKv,stream=s'],
      ...['--watch', 'name=nothing,key=/pods/,prefix,filter=put,filter=delete'],
    ]),
    `0.000s  puts on s  sync  2 events of revision 6, the store at 7
  PUT    6  /pods/a  (version 3, 4 bytes; before: revision 3, version 2, 2 bytes)
  PUT    6  /pods/b  (version 2, 5 bytes; before: revision 4, version 1, 3 bytes)
0.000s  deletes on s  sync  1 event of revision 7, the store at 7
  DELETE 7  /pods/a  (before: revision 6, version 3, 4 bytes)

puts     2 events in 1 batch, synced; 1 filtered
deletes  1 event in 1 batch, synced; 2 filtered
nothing  0 events in 0 batches, synced; 3 filtered
Replayed as etcd 3.7.1.
`,
  );
  t.equal(
    await stdoutOf(t, [
      'replay',
      '--db',
      db,
      '-w',
      'json',
      '--watch',
      'name=deletes,key=/pods/a,rev=7,prevKv,stream=s',
    ]),
    '{"schema":1,"kind":"response","etcd":"3.7.1","timeUs":0,"sentUs":0,"watcher":"deletes","stream":"s","via":"sync","response":{"Header":{"revision":7},"Events":[' +
      '{"type":1,"kv":{"key":"L3BvZHMvYQ==","mod_revision":7},"prev_kv":{"key":"L3BvZHMvYQ==","create_revision":2,"mod_revision":6,"version":3,"value":"NDQ0NA=="}}' +
      '],"CompactRevision":0,"Canceled":false,"Created":false},"bytes":68}\n',
  );
});

t.test('registered watchers run beside those given, and names must differ', async (t) => {
  const db = await newDatabase(t, ({ store, backend }) => {
    write(store);
    const spec = { name: 'other', key: '/other', startRev: 4, filters: [], prevKv: false };
    backend.transaction(() => addWatchSpec(backend.tables.watch, spec));
  });
  t.equal(
    await stdoutOf(t, ['replay', '--db', db, '--from-rev', '7', '--watch', 'key=/pods/a']),
    `0.000s  other  sync  1 event of revision 5, the store at 7
  PUT    5  /other  (version 1, 0 bytes)
0.000s  watch1  sync  1 event of revision 7, the store at 7
  DELETE 7  /pods/a

other   1 event in 1 batch, synced
watch1  1 event in 1 batch, synced
Replayed as etcd 3.7.1.
`,
  );
  t.strictSame(await runCli(['replay', '--db', db, '--watch', 'name=other,key=/pods/a']), {
    exitCode: 2,
    stdout: '',
    stderr: `Error: two watchers are named "other"
Hint: give each watcher a name of its own, other than the registered ones
`,
  });
});

t.test('--to-rev: as if the history ended there', async (t) => {
  const db = await history(t);
  t.equal(
    await stdoutOf(t, ['replay', '--db', db, '--from-rev', '3', '--to-rev', '5', '--watch', PODS]),
    `0.000s  pods  sync  2 events of revisions 3..4, the store at 5
  PUT    3  /pods/a  (version 2, 2 bytes)
  PUT    4  /pods/b  (version 1, 3 bytes)

pods  2 events in 1 batch, synced
Replayed as etcd 3.7.1.
`,
  );
  t.strictSame(await runCli(['replay', '--db', db, '--to-rev', '8']), {
    exitCode: 4,
    stdout: '',
    stderr: `Error: revision 8 is in the future: the newest is 7
Hint: choose a revision up to 7
`,
  });
});

t.test('a start below the window is cancelled as etcd would, and stderr hints at the window', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    write(store);
    store.compact(5);
  });
  const stderr =
    'Hint: revisions below 5 are compacted: a watcher that starts there is cancelled; the window is 5 to 7\n';
  const args = ['replay', '--db', db, '--from-rev', '2', '--watch', PODS, '--watch', 'name=b,key=/pods/b,rev=6'];
  t.strictSame(await runCli(args), {
    exitCode: 0,
    stdout: `0.000s  pods  cancel  its next revision is compacted: the window begins at 5
0.000s  b  sync  1 event of revision 6, the store at 7
  PUT    6  /pods/b  (version 2, 5 bytes)

pods  0 events in 0 batches, compacted at 5; 3 not delivered
b     1 event in 1 batch, synced
Replayed as etcd 3.7.1.
`,
    stderr,
  });
  const { stdout } = await runCli([...args, '-w', 'json']);
  t.equal(
    stdout.split('\n')[0],
    '{"schema":1,"kind":"response","etcd":"3.7.1","timeUs":0,"sentUs":0,"watcher":"pods","stream":"pods","via":"cancel","response":{"Header":{},"Events":[],"CompactRevision":5,"Canceled":true,"Created":false}}',
  );
  t.match((await runCli([...args, '-w', 'fields'])).stdout, '"CompactRevision" : 5\n"Canceled" : true\n');
  t.match(
    (await runCli([...args, '-w', 'table'])).stdout,
    /│ pods +│ compacted at 5 │ +0 │ +0 │ +0 │ +0 │ +3 │\n(.*\n)*│ pods +│ never +│/,
  );
  t.match(await stdoutOf(t, ['replay', '--db', db]), /^0\.000s {2}all {2}sync {2}4 events of revisions 5\.\.7/);
  t.match(await runCli(['replay', '--db', db, '--to-rev', '4']), {
    exitCode: 4,
    stderr: /^Error: revision 4 has been compacted: the oldest is 5\n/,
  });
  // The replay's store was once below its own compact revision, and committed what compaction had left up to there.
  t.match(await runCli(['replay', '--db', db, '--base-rev', '3', '--watch', 'name=next,key=/pods/b,rev=0']), {
    exitCode: 4,
    stderr: /^Error: revision 3 has been compacted: the oldest is 5\n/,
  });
  t.match(await runCli(['replay', '--db', db, '--base-rev', '5']), { exitCode: 0 });
});

t.test('a start above the end is no error, but hinted at', async (t) => {
  const db = await history(t);
  t.strictSame(await runCli(['replay', '--db', db, '--from-rev', '8']), {
    exitCode: 0,
    stdout: 'all  0 events in 0 batches, synced\nReplayed as etcd 3.7.1.\n',
    stderr: 'Hint: every watcher starts above revision 7, where the replay ends: nothing is delivered\n',
  });
});

t.test('two runs print the same bytes', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    for (let i = 0; i < 100; i++) put(store, `/pods/${i % 7}`, 'x'.repeat(i % 5));
  });
  const watch = Array.from({ length: 20 }, (_, i) => ['--watch', `key=/pods/,prefix,rev=${1 + i},stream=s${i % 3}`]);
  const args = ['replay', '--db', db, ...watch.flat(), '--max-watchers-per-sync', '6', '--watch-batch-max-revs', '17'];
  for (const format of ['simple', 'json', 'fields', 'table']) {
    const first = await stdoutOf(t, [...args, '-w', format]);
    t.equal(await stdoutOf(t, [...args, '-w', format]), first, format);
  }
});

t.test('keys are escaped, into a pipe too: a newline in one would be a line of its own', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    put(store, '/\x1b[2J\xff', 'x');
    put(store, '/gr\xc3\xbc\xc3\x9fe\n', 'x');
  });
  t.match(
    await stdoutOf(t, ['replay', '--db', db]),
    '\n  PUT    2  /\\x1b[2J\\xff  (version 1, 1 byte)\n  PUT    3  /grüße\\n  (version 1, 1 byte)\n',
  );
  t.match(
    await stdoutOf(t, ['replay', '--db', db], { isTTY: true, env: { NO_COLOR: '1' } }),
    '\n  PUT    2  /\\x1b[2J\\xff  (version 1, 1 byte)\n  PUT    3  /grüße\\n  (version 1, 1 byte)\n',
  );

  const spec = { key: 'Lw==', end: 'MA==', filters: [], prevKv: false, stream: '\x1b[2J' };
  tamper(db, ({ tables }) => tables.watch.put(Buffer.from('w'), Buffer.from(JSON.stringify(spec))));
  const table = await stdoutOf(t, ['replay', '--db', db, '-w', 'table']);
  t.match(table, '│ \\x1b[2J │', 'and so do names of streams that no command would have taken');
});

t.test('on a terminal it is coloured', async (t) => {
  const db = await history(t);
  const shown = await stdoutOf(t, ['replay', '--db', db, '--from-rev', '6'], { isTTY: true });
  t.ok(shown.includes('\x1b[32mPUT   \x1b[39m 6  /pods/a\x1b[2m  (version 3, 4 bytes)\x1b[22m\n'), shown);
  t.ok(shown.includes('\x1b[31mDELETE\x1b[39m 7  /pods/a\n'));
});

t.test('watch specs that make no sense', async (t) => {
  const db = await history(t);
  const cases: [string, string][] = [
    ['key=/a,end=/a', 'Error: --watch "key=/a,end=/a": the watch range is empty: its end is not above its key\n'],
    ['key=/a,key=/b', 'Error: --watch "key=/a,key=/b": key is given twice\n'],
    ['key=/a,filter=none', 'Error: --watch "key=/a,filter=none": filter "none" is not known\n'],
    ['key=/a,rev=x', 'Error: --watch "key=/a,rev=x": rev: "x" is not a whole number from 0 on\n'],
    ['name=,key=/a', 'Error: --watch "name=,key=/a": "" cannot be the name of a watcher\n'],
    ['name=*,key=/a', 'Error: --watch "name=*,key=/a": no watcher can be named *\n'],
    ['key=/a,nonsense', 'Error: --watch "key=/a,nonsense": unknown field "nonsense"\n'],
    [
      'key=/a,prefix,fromKey',
      'Error: --watch "key=/a,prefix,fromKey": `prefix` and `fromKey` exclude each other, choose one\n',
    ],
    [
      'key=/a,prefix,end=/b',
      'Error: --watch "key=/a,prefix,end=/b": `end` has no place beside `prefix` or `fromKey`\n',
    ],
    ['key=', 'Error: --watch "key=": `key` is empty, which only `prefix` and `fromKey` allow\n'],
    ['key=/a,größe=1', 'Error: --watch "key=/a,größe=1": unknown field "größe"\n'],
    ['key=/a,filter=lösch', 'Error: --watch "key=/a,filter=lösch": filter "lösch" is not known\n'],
    ['', 'Error: --watch "": unknown field ""\n'],
  ];
  for (const [spec, message] of cases) {
    const { exitCode, stdout, stderr } = await runCli(['replay', '--db', db, '--watch', spec]);
    t.strictSame({ exitCode, stdout, message: stderr.replace(/Hint: .*\n/, '') }, { exitCode: 2, stdout: '', message });
  }
});
