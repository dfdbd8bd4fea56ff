// One name is damaged at a time, in a file made by hand.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { encodeKeyValue } from '../../src/mvcc/key-value.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { openEtcdFile } from '../../src/storage/etcd-file.js';
import { boltFile, bucketHeader, inlineBucket, leafPage } from '../bbolt/make-file.js';
import { temporaryFolder } from '../support/run-cli.js';

const MARK = encodeRevisionKey({ main: 2, sub: 0 });
const META = ['consistent_index', 'finishedCompactRev', 'scheduledCompactRev'];
const CLUSTER = { clusterVersion: '3.5.0' };
const RECORD = encodeKeyValue({
  key: 'a',
  createRevision: 2,
  modRevision: 2,
  version: 1,
  value: Buffer.from('1'),
  lease: 0n,
});

interface Parts {
  /** The root pages of the buckets that are not inline, by name. */
  readonly roots?: Readonly<Record<string, number>>;
  readonly meta?: readonly string[];
  readonly cluster?: Readonly<Record<string, string>>;
}

function open(t: Test, { roots = { key: 3, lease: 4 }, meta = META, cluster = CLUSTER }: Parts = {}) {
  const inline = (names: Readonly<Record<string, string | Buffer>>) =>
    inlineBucket(Object.entries(names).map(([key, value]) => ({ key, value })));
  const buckets = [
    ...Object.entries(roots).map(([key, root]) => ({ key, value: bucketHeader(root), flags: 1 })),
    { key: 'cluster', value: inline(cluster), flags: 1 },
    { key: 'meta', value: inline(Object.fromEntries(meta.map((name) => [name, MARK]))), flags: 1 },
  ];
  buckets.sort((a, b) => (a.key < b.key ? -1 : 1));
  const pages = [leafPage(4096, 2, buckets), leafPage(4096, 3, [{ key: MARK, value: RECORD }]), leafPage(4096, 4, [])];
  const path = join(temporaryFolder(t), 'db');
  writeFileSync(path, boltFile(4096, pages));
  const file = openEtcdFile(path);
  t.teardown(() => file.close());
  return file;
}

t.test('names as etcd writes them, with those of a later one', async (t) => {
  t.equal(open(t).etcdVersion(), '3.5.0');
  t.ok(open(t, { roots: { key: 3, lease: 4, 'new in 3.9': 5 } }), 'a bucket more');
  t.ok(open(t, { meta: [...META, 'unknownMark'] }), 'a record more');
  t.ok(open(t, { meta: ['scheduledCompactRev'] }), 'a compaction that was cut short');
  t.ok(open(t, { meta: [] }));
  t.equal(open(t, { cluster: { downgrade: '{}' } }).etcdVersion(), undefined);
});

t.test('a damaged name', async (t) => {
  const table: [parts: Parts, message: RegExp][] = [
    [{ roots: { key: 4, lease: 3 } }, /: bucket "lease" begins with a record, which belongs into bucket 'key'$/],
    [{ roots: { key: 3, leasd: 4 } }, /: bucket "leasd": no etcd writes this name, and 'lease' is missing$/],
    [{ roots: { key: 3, leas: 4, lfase: 5 } }, /: bucket "lfase": no etcd.* 'lease' is missing$/],
    [
      { meta: ['finishedCompactSev', 'scheduledCompactRev'] },
      /: record of bucket 'meta' "finishedCompactSev": no etcd writes this name, and 'finishedCompactRev' is missing$/,
    ],
    [
      { meta: ['finishedCompactRev', 'wcheduledCompactRev'] },
      /: record of bucket 'meta' "wcheduledCompactRev": no etcd writes this name, and 'scheduledCompactRev' is missing$/,
    ],
    [
      { meta: ['finishedCompactRev'] },
      /: meta record finishedCompactRev is there, and scheduledCompactRev is missing$/,
    ],
    [
      { cluster: { clusterVersiom: '3.5.0' } },
      /: record of bucket 'cluster' "clusterVersiom": no etcd writes this name/,
    ],
    [{ roots: { key: 3, lease: 3 } }, /: buckets "key" and "lease" have the same root page 3$/],
  ];
  for (const [parts, message] of table) t.throws(() => open(t, parts), { code: 'CORRUPT', message }, String(message));
  t.throws(() => open(t, { cluster: { clusterVersion: '3.u.0' } }).etcdVersion(), {
    code: 'CORRUPT',
    message: /: "3\.u\.0" is no version$/,
  });
});
