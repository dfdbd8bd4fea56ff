// These tests check etcd files: real ones are sound, and of damaged ones all damage is found, also behind the first.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { BranchPage } from '../../src/bbolt/branch-page.js';
import type { Finding } from '../../src/inspect/check/finding.js';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { idBytes } from '../../src/mvcc/lease-entry.js';
import { encodeLease } from '../../src/mvcc/lease-record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { checkDatabase } from '../../src/storage/check-database.js';
import { boltFile, branchPage, bucketHeader, inlineBucket, leafPage, MemorySource } from '../bbolt/make-file.js';
import { projectFile } from '../support/root.js';
import { snapshotBytes, snapshotNames } from '../support/snapshots.js';

const folder = mkdtempSync(join(tmpdir(), 'mvccw-check-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

async function check(bytes: Buffer): Promise<{ found: Finding[]; complete: boolean }> {
  const path = join(folder, 'db');
  writeFileSync(path, bytes);
  const found: Finding[] = [];
  const { complete } = await checkDatabase(path, (finding) => {
    found.push(finding);
  });
  return { found, complete };
}

t.test('the files of real servers are sound', async (t) => {
  for (const name of snapshotNames().filter((name) => name !== 'bench-100k'))
    t.same(await check(snapshotBytes(name)), { found: [], complete: true }, name);
  const directory = projectFile('fixtures/datadirs/');
  for (const name of readdirSync(directory).filter((name) => name.endsWith('.db.gz'))) {
    const bytes = gunzipSync(readFileSync(join(directory, name)));
    t.same(await check(bytes), { found: [], complete: true }, name);
  }
});

const PAGE = 4096;

/** Returns the leaf pages of the bucket `key`, in order. */
function leavesOf(bytes: Buffer): number[] {
  const bolt = new BoltFile(new MemorySource(bytes));
  return [...bolt.bucket('key')!.leaves()].map(({ place }) => place.pgid);
}

t.test('ten damaged pages are ten findings, and no more', async (t) => {
  const bytes = Buffer.from(snapshotBytes('small-34').subarray(0, -32));
  const leaves = leavesOf(bytes);
  const damaged = Array.from({ length: 10 }, (_, i) => leaves[Math.floor((i * leaves.length) / 10)]!);
  t.equal(new Set(damaged).size, 10);
  // Behind its header, each page has lost its elements.
  for (const page of damaged) bytes.fill(0xff, page * PAGE + 16, page * PAGE + 64);
  const { found, complete } = await check(bytes);
  t.same(
    found.map(({ kind, page, offset, bucket, table }) => ({ kind, page, offset, bucket, table })),
    damaged.map((page) => ({ kind: 'page', page, offset: page * PAGE, bucket: 'key', table: 'key' })),
  );
  t.equal(complete, false);
  for (const { problem } of found)
    t.match(problem, /\. The records from revision \d+_\d on(, up to that before \d+_\d,)? are not read$/);
});

t.test('a wrong pointer, a wrong key in a branch, and a page that comes twice', async (t) => {
  const original = snapshotBytes('small-34').subarray(0, -32);
  const pages: BranchPage[] = [];
  const bolt = new BoltFile(new MemorySource(original));
  for (const _ of bolt.bucket('key')!.leaves((page) => page instanceof BranchPage && pages.push(page))) void _;
  const branch = pages[0]!;
  const element = (index: number) => branch.place.offset + 16 + 16 * index;
  const pointed = Buffer.from(original);
  pointed.writeBigUInt64LE(BigInt(branch.child(5)), element(2) + 8);
  const twice = await check(pointed);
  t.match(twice.found[0], {
    kind: 'page',
    page: branch.child(5),
    problem: /its last key .* where the page next to it starts/,
  });
  t.notMatch(twice.found.slice(1), [{ page: branch.child(5) }], 'where it belongs, it is read');
  t.equal(twice.complete, false);

  const keyed = Buffer.from(original);
  const at = element(3) + keyed.readUInt32LE(element(3)) + 7;
  keyed[at] = keyed[at]! + 1;
  const { found } = await check(keyed);
  t.match(found, [{ kind: 'page', page: branch.child(3), problem: /its first key .* is below/ }]);
});

const SIZE = 1024;
const put = (key: string, main: number, createRevision: number, version: number, lease = 0n) => ({
  key: encodeRevisionKey({ main, sub: 0 }),
  value: encodeKeyValue({ key, createRevision, modRevision: main, version, value: Buffer.from('v'), lease }),
});
const deletion = (key: string, main: number) => ({
  key: encodeRevisionKey({ main, sub: 0 }, true),
  value: encodeTombstone(key),
});
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const mark = (name: string, main: number) => ({ key: name, value: encodeRevisionKey({ main, sub: 0 }) });
const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);

type Pair = { key: string; value: Buffer };

/** What a file holds; the default is a sound one. */
interface Contents {
  records?: { key: Buffer; value: Buffer }[];
  meta?: Pair[];
  cluster?: string | undefined;
  leases?: bigint[];
}

const APPLIED: Pair[] = [
  { key: 'consistent_index', value: u64(9n) },
  { key: 'term', value: u64(2n) },
  { key: 'confState', value: Buffer.from('{"voters":[17088423831775458271],"auto_leave":false}') },
];
const RECORDS = [put('a', 2, 2, 1), put('b', 3, 3, 1, 7n), put('a', 4, 2, 2), deletion('a', 5)];

function file({ records = RECORDS, meta = APPLIED, cluster = '3.5.0', leases = [7n] }: Contents): Buffer {
  const lease = leases.map((id) => ({
    key: idBytes(id),
    value: encodeLease({ id, ttlSeconds: 60, remainingTtlSeconds: 0 }),
  }));
  return boltFile(SIZE, [
    leafPage(SIZE, 2, [
      { key: 'cluster', value: inlineBucket([{ key: 'clusterVersion', value: cluster }]), flags: 1 },
      { key: 'key', value: bucketHeader(3), flags: 1 },
      { key: 'lease', value: inlineBucket(lease), flags: 1 },
      { key: 'meta', value: inlineBucket([...meta].sort(byKey)), flags: 1 },
    ]),
    branchPage(SIZE, 3, [{ key: records[0]!.key, child: 4 }]),
    leafPage(SIZE, 4, records),
  ]);
}

const without = (name: string) => APPLIED.filter(({ key }) => key !== name);
const having = (key: string, value: Buffer) => [...without(key), { key, value }];

const TABLE: readonly [what: string, contents: Contents, findings: readonly { kind: string; problem: RegExp }[]][] = [
  ['nothing', {}, []],
  ['an etcd 3.4 has no term', { meta: [APPLIED[0]!], cluster: '3.4.0' }, []],
  [
    'no index',
    { meta: without('consistent_index') },
    [{ kind: 'raft', problem: /^record consistent_index of bucket 'meta' is missing: the cluster is of etcd 3\.5\.0/ }],
  ],
  ['no term', { meta: without('term') }, [{ kind: 'raft', problem: /^record term .* is missing/ }]],
  [
    'a short index',
    { meta: having('consistent_index', Buffer.alloc(7)) },
    [{ kind: 'raft', problem: /has 7 bytes, expected 8/ }],
  ],
  ['no index but 0', { meta: having('consistent_index', u64(0n)) }, [{ kind: 'raft', problem: /is 0/ }]],
  ['a term beyond reason', { meta: having('term', u64(2n ** 53n)) }, [{ kind: 'raft', problem: /beyond reason/ }]],
  [
    'no voters',
    { meta: having('confState', Buffer.from('{"voters":[]}')) },
    [{ kind: 'raft', problem: /names no voter/ }],
  ],
  [
    'voters that are cut',
    { meta: having('confState', Buffer.from('{"voters":[1')) },
    [{ kind: 'raft', problem: /no JSON/ }],
  ],
  [
    'a field that is not known',
    { meta: having('confState', Buffer.from('{"voterz":[1]}')) },
    [{ kind: 'raft', problem: /"voterz"/ }],
  ],
  [
    'no version',
    { cluster: '3.x.0' },
    [{ kind: 'raft', problem: /^record clusterVersion of bucket 'cluster' is "3\.x\.0", which is no version/ }],
  ],
  [
    'a name with a wrong bit',
    { meta: [...APPLIED, mark('rcheduledCompactRev', 3)] },
    [{ kind: 'name', problem: /no etcd writes this name/ }],
  ],
  [
    'a compaction that has left too much',
    { meta: [...APPLIED, mark('scheduledCompactRev', 5), mark('finishedCompactRev', 5)] },
    [
      {
        kind: 'marks',
        problem:
          /finished at 5, and has left what it deletes: revision 4_0 has 2_0 of the same key before it, "a", and so it is with 1 more$/,
      },
    ],
  ],
  [
    'a compaction above all records',
    { meta: [...APPLIED, mark('scheduledCompactRev', 2 ** 20)] },
    [{ kind: 'marks', problem: /scheduled at 1048576, .* newest revision 5, and yet it has left revision 2_0/ }],
  ],
  ['a compaction that was cut short', { meta: [...APPLIED, mark('scheduledCompactRev', 5)] }, []],
  [
    'a compaction after which all is gone',
    {
      records: [put('b', 3, 3, 1, 7n)],
      meta: [...APPLIED, mark('scheduledCompactRev', 9), mark('finishedCompactRev', 9)],
    },
    [],
  ],
  [
    'a lease that is gone',
    { leases: [] },
    [{ kind: 'lease', problem: /^key "b" names lease 0{15}7, which there is not$/ }],
  ],
  ['only an older record names a lease', { leases: [], records: [put('b', 2, 2, 1, 7n), put('b', 3, 2, 2)] }, []],
  [
    'several things',
    { leases: [], records: [put('a', 2, 2, 1), put('b', 4, 3, 1, 7n)], cluster: '3' },
    [
      { kind: 'history', problem: /3_0 is missing/ },
      { kind: 'record', problem: /4_0/ },
      { kind: 'raft', problem: /no version/ },
    ],
  ],
];

t.test('what the records say', async (t) => {
  for (const [what, contents, findings] of TABLE) {
    const { found, complete } = await check(file(contents));
    t.match(found, findings, what);
    t.equal(found.length, findings.length, `${what}: ${found.map(({ problem }) => problem).join('; ')}`);
    t.equal(complete, true, what);
  }
});
