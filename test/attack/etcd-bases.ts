// The etcd files that are attacked, and the commands that are run on them.

import { writeFileSync } from 'node:fs';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { boltFile, branchPage, bucketHeader, freelistPage, leafPage } from '../bbolt/make-file.js';
import { snapshotBytes } from '../support/snapshots.js';
import { type Chain, DB, type Input, NEW } from './lab.js';

const DIGEST_BYTES = 32;

export interface EtcdBase extends Input {
  readonly bytes: Buffer;
  /** Whether a SHA-256 follows the pages. */
  readonly hasDigest: boolean;
  readonly readers: readonly (readonly string[])[];
}

/** The lease in each of etcd's snapshots, with keys attached to it. */
const LEASE = ['lease', 'timetolive', '0000000000001111', '--keys', '-w', 'json'];

function base(name: string, bytes: Buffer, hasDigest: boolean, revs: readonly number[], key: string): EtcdBase {
  const [middle, from] = revs.map(String);
  const readers = [
    ['get', '', '--prefix', '-w', 'json'],
    ['get', key, '-w', 'json'],
    ['get', '', '--prefix', '-w', 'json', '--rev', middle!],
    ['hash', '-w', 'json'],
    ['hash', '-w', 'json', '--rev', middle!],
    ['status', '-w', 'json'],
    ['replay', '-w', 'json'],
    ['replay', '--summary'],
    ['replay', '-w', 'json', '--from-rev', from!, '--watch', 'name=all,key=/,fromKey,prevKv'],
    ['tree', '-w', 'json', '--watch', 'name=all,key=/,prefix'],
    ['lease', 'list', '-w', 'json'],
    ...(name === BY_HAND ? [] : [LEASE]),
  ].map((words) => ['--db', DB, ...words]);
  return { name, bytes, hasDigest, readers, lay: (path) => writeFileSync(path, bytes) };
}

export const CHECK = ['--db', DB, 'check', '-w', 'json'];

/** The import reads the file, and the commands after it read what was imported. */
export const IMPORT: Chain = {
  commands: [
    ['import', DB, '--db', NEW, '-w', 'json'],
    ['--db', NEW, 'replay', '-w', 'json'],
    ['--db', NEW, 'get', '', '--prefix', '-w', 'json'],
    ['--db', NEW, 'hash', '-w', 'json'],
    ['--db', NEW, 'lease', 'list', '-w', 'json'],
  ],
  // A later command never fails where the import has not.
  writesAt: 0,
};

/** The name of the file that has no leases. */
const BY_HAND = 'by hand';

const PAGE_BYTES = 4096;
const PUTS_A_LEAF = 20;
const LEAVES = 8;

/** A file with what etcd's small snapshots lack: a stored freelist, large values on overflow pages, equal keys. */
function madeByHand(): Buffer {
  let revision = 1;
  const versions = new Map<string, { createRevision: number; version: number }>();
  const record = (size: number) => {
    const key = `/key/${revision % 13}`;
    const main = ++revision;
    const before = versions.get(key);
    if (before !== undefined && main % 17 === 0) {
      versions.delete(key);
      return { key: encodeRevisionKey({ main, sub: 0 }, true), value: encodeTombstone(key) };
    }
    const now = { createRevision: before?.createRevision ?? main, version: (before?.version ?? 0) + 1 };
    versions.set(key, now);
    const kv = { key, ...now, modRevision: main, value: Buffer.alloc(size, main), lease: 0n };
    return { key: encodeRevisionKey({ main, sub: 0 }, false), value: encodeKeyValue(kv) };
  };
  const pages: Buffer[] = [];
  const children: { key: Buffer; child: number }[] = [];
  let next = 6;
  for (let leaf = 0; leaf < LEAVES; leaf++) {
    const isLarge = leaf === 3;
    const entries = Array.from({ length: isLarge ? 1 : PUTS_A_LEAF }, () => record(isLarge ? 3 * PAGE_BYTES : 60));
    const page = leafPage(PAGE_BYTES, next, entries);
    children.push({ key: entries[0]!.key, child: next });
    pages.push(page);
    next += page.length / PAGE_BYTES;
  }
  const meta = [{ key: 'consistent_index', value: Buffer.from('00000000000000c8', 'hex') }];
  const buckets = [
    { key: 'key', value: bucketHeader(3), flags: 1 },
    { key: 'lease', value: bucketHeader(5), flags: 1 },
    { key: 'meta', value: bucketHeader(4), flags: 1 },
  ];
  const free = [next, next + 1];
  const freelist = freelistPage(PAGE_BYTES, next + 2, free);
  const all = [
    leafPage(PAGE_BYTES, 2, buckets),
    branchPage(PAGE_BYTES, 3, children),
    leafPage(PAGE_BYTES, 4, meta),
    leafPage(PAGE_BYTES, 5, []),
    ...pages,
    // Free pages hold what was there before: a leaf of records that are gone.
    ...free.map((id) => leafPage(PAGE_BYTES, id, [{ key: encodeRevisionKey({ main: 2, sub: 0 }, false), value: 'x' }])),
    freelist,
  ];
  return boltFile(PAGE_BYTES, all, { txid: 1, freelist: BigInt(next + 2) });
}

export function etcdBases(): EtcdBase[] {
  const withAndWithout = (name: string, bytes: Buffer, revs: readonly number[], key: string) => [
    base(name, bytes, true, revs, key),
    base(`${name} without digest`, bytes.subarray(0, -DIGEST_BYTES), false, revs, key),
  ];
  const pod = '/registry/pods/default/web-0';
  return [
    ...withAndWithout('small-35', snapshotBytes('small-35'), [300, 340], pod),
    ...withAndWithout('small-34', snapshotBytes('small-34'), [250, 300], pod),
    ...withAndWithout('nocompact-35', snapshotBytes('nocompact-35'), [60, 100], pod),
    base(BY_HAND, madeByHand(), false, [50, 80], '/key/3'),
  ];
}
