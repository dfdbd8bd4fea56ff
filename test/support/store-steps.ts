// This module makes random steps on stores and compares all answers with those of the naive model. Several stores that
// differ in backend or batch size go through the same steps.

import assert from 'node:assert/strict';
import { checkStore } from '../../src/inspect/check/check-store.js';
import type { Finding } from '../../src/inspect/check/finding.js';
import { type Backend, TABLE_NAMES } from '../../src/mvcc/backend.js';
import { Store } from '../../src/mvcc/store.js';
import type { WriteTxn } from '../../src/mvcc/write-txn.js';
import { anyBytes, rangeEnd } from './arbitraries.js';
import fc from './fast-check.js';
import { type Change, recordBytes, StoreModel } from './store-model.js';

export type StoreStep =
  | { readonly kind: 'write' | 'throw'; readonly changes: readonly Change[] }
  /** The compaction is at this percentage of the window of readable revisions. */
  | { readonly kind: 'compact'; readonly percent: number }
  | { readonly kind: 'grant' | 'revoke'; readonly lease: bigint }
  | { readonly kind: 'reopen' | 'restore' };

export interface Query {
  readonly key: string;
  readonly end: string | undefined;
  readonly limit: number;
  readonly countOnly: boolean;
}

const LEASES = [1n, 7587862094606467073n, -3n];
const ALL = { key: '\0', end: '' };

function kind<K extends string>(...kinds: K[]): fc.Arbitrary<K> {
  return fc.constantFrom(...kinds);
}

export function storeStep(keys: fc.Arbitrary<string>): fc.Arbitrary<StoreStep> {
  const lease = fc.constantFrom(...LEASES);
  const change: fc.Arbitrary<Change> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        key: keys,
        value: anyBytes(3),
        lease: fc.oneof({ weight: 4, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: lease }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: keys, end: rangeEnd(keys) }) },
  );
  const changes = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(change) },
    { weight: 1, arbitrary: fc.array(change, { maxLength: 4 }) },
  );
  return fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: kind('write'), changes }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('throw'), changes }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('compact'), percent: fc.nat(100) }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('grant', 'revoke'), lease }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('reopen', 'restore') }) },
  );
}

export function query(keys: fc.Arbitrary<string>): fc.Arbitrary<Query> {
  return fc.record({ key: keys, end: rangeEnd(keys), limit: fc.integer({ min: -1, max: 4 }), countOnly: fc.boolean() });
}

/** Returns everything that a backend holds, as text. */
export function dump(backend: Backend): Record<string, string[]> {
  const rows = (name: (typeof TABLE_NAMES)[number]) =>
    [...backend.tables[name].entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, rows(name)]));
}

function apply(txn: WriteTxn, change: Change): void {
  if (change.kind === 'put') txn.put(change.key, change.value, change.lease);
  else txn.deleteRange(change.key, change.end);
}

/** A subject is a store under test; `open` opens its backend again after a close. */
export class Subject {
  private backend: Backend;
  store: Store;

  constructor(
    private readonly open: () => Backend,
    private readonly compactionBatchLimit: number,
  ) {
    this.backend = open();
    this.store = new Store(this.backend, { compactionBatchLimit });
  }

  reopen(): void {
    const before = dump(this.backend);
    this.backend.close();
    this.backend = this.open();
    this.store = new Store(this.backend, { compactionBatchLimit: this.compactionBatchLimit });
    assert.deepEqual(dump(this.backend), before, 'reopening changes nothing');
  }

  close(): void {
    this.backend.close();
  }

  run(step: StoreStep, model: StoreModel, compactAt: number): void {
    const { store } = this;
    const before = dump(this.backend);
    const stateBefore = store.state;
    switch (step.kind) {
      case 'write': {
        const wanted = model.write(step.changes);
        const write = () =>
          store.write((txn) =>
            step.changes.map((change) => {
              apply(txn, change);
              return txn.range(ALL);
            }),
          );
        if (wanted === undefined) {
          assert.throws(write, { code: 'LEASE_NOT_FOUND' });
          this.unchanged(before, stateBefore);
        } else {
          const { result, revision, events } = write();
          assert.deepEqual({ events, revision, views: result }, wanted);
        }
        break;
      }
      case 'throw':
        assert.throws(
          () =>
            store.write((txn) => {
              for (const change of step.changes) apply(txn, change.kind === 'put' ? { ...change, lease: 0n } : change);
              throw new Error('crash');
            }),
          /^Error: crash$/,
        );
        this.unchanged(before, stateBefore);
        break;
      case 'compact':
        if (compactAt > model.compactRev) {
          store.compact(compactAt);
          model.compact(compactAt);
        } else {
          assert.throws(() => store.compact(compactAt), { code: 'COMPACTED' });
          this.unchanged(before, stateBefore);
        }
        assert.throws(() => store.compact(model.currentRev + 1), { code: 'FUTURE_REVISION' });
        break;
      case 'grant':
        if (model.leases.has(step.lease)) {
          assert.throws(() => store.grantLease(step.lease, 60), { code: 'LEASE_EXISTS' });
          this.unchanged(before, stateBefore);
        } else {
          store.grantLease(step.lease, 60, 1234);
          model.leases.set(step.lease, 60);
        }
        break;
      case 'revoke': {
        if (!model.leases.has(step.lease)) {
          assert.throws(() => store.revokeLease(step.lease), { code: 'LEASE_NOT_FOUND' });
          this.unchanged(before, stateBefore);
          break;
        }
        const keys = model.attached(step.lease);
        const wanted = model.write(keys.map((key) => ({ kind: 'delete', key, end: undefined })))!;
        model.leases.delete(step.lease);
        const { result, revision, events } = store.revokeLease(step.lease);
        assert.deepEqual(
          { result, revision, events },
          { result: keys.length, revision: wanted.revision, events: wanted.events },
        );
        break;
      }
      case 'reopen':
        this.reopen();
        model.storedHashes = [];
        break;
      case 'restore':
        store.restore();
        this.unchanged(before, stateBefore);
        break;
    }
  }

  private unchanged(before: Record<string, string[]>, stateBefore: unknown): void {
    assert.deepEqual(dump(this.backend), before, 'the tables are as they were');
    assert.deepEqual(this.store.state, stateBefore, 'so is the state');
  }

  /** Compares every answer of the store with the model's, at every revision of the window. */
  check(model: StoreModel, queries: readonly Query[]): void {
    const { store } = this;
    assert.equal(store.currentRev, model.currentRev, 'currentRev');
    assert.equal(store.compactRev, model.compactRev, 'compactRev');
    assert.deepEqual(
      [...store.records(0, Number.MAX_SAFE_INTEGER - 1)].map(({ main, sub, tombstone, valueBytes }) => {
        return { main, sub, tombstone, value: valueBytes.toString('hex') };
      }),
      model.left.map((record) => {
        const { main, sub, tombstone } = record;
        return { main, sub, tombstone, value: recordBytes(record).toString('hex') };
      }),
      'records',
    );
    // These steps put a key twice in one transaction, which etcd's API and `mvccw txn` refuse.
    const isPutTwice = ({ problem }: Finding) => problem.endsWith('but a key is put once a revision');
    const findings = [...checkStore(this.backend)].filter((finding) => !isPutTwice(finding));
    assert.deepEqual(findings, [], 'nothing is found');
    for (const { key, ...rest } of [{ ...ALL, limit: 0, countOnly: false }, ...queries]) {
      for (let rev = Math.max(model.compactRev, 1); rev <= model.currentRev; rev++) {
        const request = { key, ...rest, rev };
        assert.deepEqual(store.range(request), model.range(request), `range at ${rev}`);
      }
      assert.deepEqual(store.range({ key, ...rest }), model.range({ key, ...rest }), 'range now');
      assert.deepEqual([...store.history(key)], model.history(key), 'history');
      assert.throws(() => store.range({ key, rev: model.currentRev + 1 }), { code: 'FUTURE_REVISION' });
      if (model.compactRev > 1) {
        assert.throws(() => store.range({ key, ...rest, rev: model.compactRev - 1 }), { code: 'COMPACTED' });
      }
    }
    const alive = model.at(model.currentRev).size;
    const known = new Set(model.left.map(({ kv }) => kv.key)).size;
    assert.deepEqual(store.countKeys(), { live: alive, deleted: known - alive });
    assert.equal(store.countRecords(), model.left.length);

    const unsigned = (id: bigint) => BigInt.asUintN(64, id);
    const leases = [...model.leases].sort(([a], [b]) => (unsigned(a) < unsigned(b) ? -1 : 1));
    assert.deepEqual(
      [...store.leases.list()],
      leases.map(([id, ttlSeconds]) => ({ id, ttlSeconds, remainingTtlSeconds: 0, deadlineMs: 1234 })),
    );
    for (const id of LEASES) {
      assert.deepEqual(store.leases.keys(id), model.leases.has(id) ? model.attached(id) : [], `keys of lease ${id}`);
    }
  }

  checkHashes(model: StoreModel): void {
    for (let rev = 0; rev <= model.currentRev; rev++) {
      const revision = rev === 0 ? model.currentRev : rev;
      const stored = model.storedHashes.find((hash) => hash.revision === rev);
      if (stored === undefined && revision < model.compactRev) {
        assert.throws(() => this.store.hash(rev), { code: 'COMPACTED' });
      } else {
        const wanted = stored ?? { hash: model.hash(revision), compactRevision: model.compactRev, revision };
        assert.deepEqual(this.store.hash(rev), wanted, `hash at ${rev}`);
      }
    }
    assert.throws(() => this.store.hash(model.currentRev + 1), { code: 'FUTURE_REVISION' });
  }
}

/** Applies the steps to all subjects, each with its own model, and checks every subject after each step. */
export function runSteps(
  steps: readonly StoreStep[],
  queries: readonly Query[],
  subjects: readonly Subject[],
): StoreModel {
  const models = subjects.map(() => new StoreModel());
  for (const step of steps) {
    for (const [i, subject] of subjects.entries()) {
      const model = models[i]!;
      let compactAt = 0;
      if (step.kind === 'compact') {
        const from = Math.max(model.compactRev, 0);
        compactAt = from + Math.round(((model.currentRev - from) * step.percent) / 100);
        while (model.losesRecordAt(compactAt)) compactAt--;
      }
      subject.run(step, model, compactAt);
      subject.check(model, queries);
    }
  }
  for (const [i, subject] of subjects.entries()) subject.checkHashes(models[i]!);
  return models[0]!;
}
