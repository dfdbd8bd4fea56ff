// The naive model of an MVCC store keeps a list of all changes ever made and a list of those that compaction has left.
// It finds every answer by going through a list.

import { encodeKeyValue, encodeTombstone, type KeyValue } from '../../src/mvcc/key-value.js';
import type { RangeRequest } from '../../src/mvcc/range.js';
import type { WatchEvent } from '../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { slowCrc32c } from './slow-crc32c.js';

export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: Buffer; readonly lease: bigint }
  | { readonly kind: 'delete'; readonly key: string; readonly end: string | undefined };

export interface ModelRecord {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  /** A tombstone has what watchers see of it: the key and its modRevision. */
  readonly kv: KeyValue;
}

export interface ModelHash {
  readonly hash: number;
  readonly compactRevision: number;
  readonly revision: number;
}

const NOTHING = Buffer.alloc(0);

export function holds(key: string, end: string | undefined, candidate: string): boolean {
  if (end === undefined) return candidate === key;
  return candidate >= key && (end === '' || candidate < end);
}

export class StoreModel {
  /** These records are the ones that compaction has left, in order. */
  left: ModelRecord[] = [];
  readonly leases = new Map<bigint, number>();
  currentRev = 1;
  compactRev = -1;
  /** A store keeps the ten newest of these hashes while it is open. */
  storedHashes: ModelHash[] = [];
  private readonly all: ModelRecord[] = [];

  /** Returns the keys alive at a revision. */
  at(rev: number): Map<string, KeyValue> {
    const alive = new Map<string, KeyValue>();
    for (const { main, tombstone, kv } of this.all) {
      if (main > rev) break;
      if (tombstone) alive.delete(kv.key);
      else alive.set(kv.key, kv);
    }
    return alive;
  }

  range({ key, end, rev = 0, limit = 0, countOnly = false }: RangeRequest) {
    return {
      revision: this.currentRev,
      ...select(this.at(rev > 0 ? rev : this.currentRev), key, end, limit, countOnly),
    };
  }

  history(key: string) {
    return this.left.filter(({ kv }) => kv.key === key).map(({ main, sub, tombstone }) => ({ main, sub, tombstone }));
  }

  attached(lease: bigint): string[] {
    return [...this.at(this.currentRev).values()]
      .filter((kv) => kv.lease === lease)
      .map(({ key }) => key)
      .sort();
  }

  /**
   * Applies one transaction; `views` has what a read inside it sees after each change. Returns undefined, and changes
   * nothing, if a put names an unknown lease.
   */
  write(changes: readonly Change[]) {
    const alive = this.at(this.currentRev);
    const main = this.currentRev + 1;
    const records: ModelRecord[] = [];
    const views = [];
    for (const change of changes) {
      if (change.kind === 'put') {
        const { key, value, lease } = change;
        if (lease !== 0n && !this.leases.has(lease)) return undefined;
        const before = alive.get(key);
        const createRevision = before?.createRevision ?? main;
        const kv = { key, createRevision, modRevision: main, version: (before?.version ?? 0) + 1, value, lease };
        records.push({ main, sub: records.length, tombstone: false, kv });
        alive.set(key, kv);
      } else {
        for (const key of select(alive, change.key, change.end).kvs.map((kv) => kv.key)) {
          const kv = { key, createRevision: 0, modRevision: main, version: 0, value: NOTHING, lease: 0n };
          records.push({ main, sub: records.length, tombstone: true, kv });
          alive.delete(key);
        }
      }
      views.push({ revision: records.length > 0 ? main : this.currentRev, ...select(alive, '\0', '') });
    }
    this.all.push(...records);
    this.left.push(...records);
    if (records.length > 0) this.currentRev = main;
    const events: WatchEvent[] = records.map(({ tombstone, kv }) => ({ type: tombstone ? 'DELETE' : 'PUT', kv }));
    return { events, revision: this.currentRev, views };
  }

  /** Tells whether etcd would lose a put, after a delete of its key in revision `rev`, by a compaction at `rev`. */
  losesRecordAt(rev: number): boolean {
    return this.all.some(
      (record) =>
        record.main === rev &&
        record.tombstone &&
        this.all.some(({ main, sub, kv }) => main === rev && sub > record.sub && kv.key === record.kv.key),
    );
  }

  compact(rev: number): void {
    const hash = { hash: this.hash(rev, true), compactRevision: this.compactRev, revision: rev };
    this.storedHashes = [...this.storedHashes, hash].slice(-10);
    const survivors = this.survivors(rev, true);
    this.left = this.left.filter((record) => record.main > rev || survivors.has(record));
    this.compactRev = rev;
  }

  /** Returns each key's newest record up to `rev`, without tombstones except, if so asked, those at `rev` itself. */
  private survivors(rev: number, tombstonesAtRev: boolean): Set<ModelRecord> {
    const newest = new Map<string, ModelRecord>();
    for (const record of this.left) {
      const before = newest.get(record.kv.key);
      // etcd ignores what follows a tombstone of the key within `rev` itself.
      if (record.main <= rev && !(before?.tombstone && before.main === rev)) newest.set(record.kv.key, record);
    }
    return new Set(
      [...newest.values()].filter(({ tombstone, main }) => !tombstone || (tombstonesAtRev && main === rev)),
    );
  }

  /** Returns hashKV at a revision; the hash that a compaction stores also covers the tombstones at its own revision. */
  hash(rev: number, ofCompaction = false): number {
    const survivors = this.survivors(rev, ofCompaction);
    const hashed = this.left.filter((record) => {
      if (record.main > this.compactRev) return record.main <= rev;
      if (record.tombstone && record.main === this.compactRev) return false;
      return survivors.size === 0 || survivors.has(record);
    });
    const bytes = hashed.flatMap((record) => [encodeRevisionKey(record, record.tombstone), recordBytes(record)]);
    return slowCrc32c(Buffer.concat([Buffer.from('key'), ...bytes]));
  }
}

export function recordBytes({ tombstone, kv }: ModelRecord): Buffer {
  return tombstone ? encodeTombstone(kv.key) : encodeKeyValue(kv);
}

function select(
  alive: ReadonlyMap<string, KeyValue>,
  key: string,
  end: string | undefined,
  limit = 0,
  countOnly = false,
) {
  const kvs = [...alive.values()].filter((kv) => holds(key, end, kv.key)).sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = countOnly ? [] : limit > 0 ? kvs.slice(0, limit) : kvs;
  return { count: kvs.length, kvs: shown };
}
