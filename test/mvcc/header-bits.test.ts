// One bit in the first byte of a record once made a replay leave an event out, with exit status 0. Here every bit of the
// header of every record is changed, one at a time, and every reading gives the right answer or says that it is damaged.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MvccwError } from '../../src/errors.js';
import type { Entry } from '../../src/mvcc/backend.js';
import { HistoryCheck } from '../../src/mvcc/history-check.js';
import { WHOLE_KEY_SPACE } from '../../src/mvcc/key-range.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { rebuildIndex } from '../../src/mvcc/rebuild-index.js';
import { allRecords, eventOf } from '../../src/mvcc/record.js';
import { decodeRevisionKey, revisionKeyBound } from '../../src/mvcc/revision.js';
import { CheckedStoreReader, Store } from '../../src/mvcc/store.js';
import { RecordedStore } from '../../src/replay/run/recorded-store.js';
import { replay } from '../../src/replay/run/replay.js';
import { planReplay } from '../../src/replay/scenario/plan.js';
import { openEtcdFile } from '../../src/storage/etcd-file.js';
import { headerOffsets } from '../support/record-header.js';
import { snapshotBytes } from '../support/snapshots.js';

/** Up to here the snapshot has deletions, transactions of several changes, and leases. */
const LAST_REV = 48;
/** A replay is run in one case of this many. */
const REPLAY_EVERY = 40;

function recordsOf(t: Test, name: string): Entry[] {
  const path = join(t.testdir(), 'db');
  writeFileSync(path, snapshotBytes(name));
  const file = openEtcdFile(path);
  try {
    return [...file.tables.key.entries({ lt: revisionKeyBound(LAST_REV + 1) })];
  } finally {
    file.close();
  }
}

/** The readings, each as text. They open the store as a file is opened: nothing but the records says what is right. */
const READINGS: Readonly<Record<string, (backend: MemoryBackend) => string>> = {
  events: (backend) => {
    const store = new CheckedStoreReader(backend);
    return textOf([...store.records(0, store.currentRev)].map(eventOf));
  },
  'the last event': (backend) => {
    const store = new CheckedStoreReader(backend);
    return textOf([...store.records(store.currentRev, store.currentRev)].map(eventOf));
  },
  get: (backend) => {
    const store = new CheckedStoreReader(backend);
    rebuildIndex(store.records(0, store.currentRev), backend.tables.index, new HistoryCheck(store.compactRev));
    return textOf([store.range({ ...WHOLE_KEY_SPACE }), store.countKeys()]);
  },
  hash: (backend) => textOf([new CheckedStoreReader(backend).hash()]),
};

function replayed(backend: MemoryBackend): string {
  const store = new CheckedStoreReader(backend);
  const all = { name: 'all', ...WHOLE_KEY_SPACE, filters: [], prevKv: false };
  const { options, baseRev, toRev } = planReplay({ state: store.state, registered: [] }, { watch: [all], fromRev: 1 });
  return textOf([...replay(new RecordedStore(store, baseRev, toRev), options)]);
}

function textOf(values: readonly unknown[]): string {
  return JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
}

/** Returns the answer, or undefined if the reading says that there is damage. */
function answer(read: (backend: MemoryBackend) => string, backend: MemoryBackend): string | undefined {
  try {
    return read(backend);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT' && /^revision \d+_\d/.test(error.message))
      return undefined;
    throw error;
  }
}

/** Changes each bit of the headers of the records above a revision, and returns what was read wrongly. */
function flipAll(backend: MemoryBackend, above: number): { wrong: string[]; flips: number } {
  const { key: table } = backend.tables;
  const readings = Object.entries({ ...READINGS, replay: replayed });
  const right = new Map(readings.map(([name, read]) => [name, read(backend)]));
  const wrong: string[] = [];
  let flips = 0;
  for (const { key, value } of [...table.entries({ gte: revisionKeyBound(above + 1) })]) {
    for (const offset of headerOffsets(value)) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(value);
        damaged[offset]! ^= 1 << bit;
        table.put(key, damaged);
        flips++;
        for (const [name, reading] of readings) {
          if (name === 'replay' && flips % REPLAY_EVERY > 0) continue;
          const found = answer(reading, backend);
          if (found !== undefined && found !== right.get(name)) {
            const { main, sub } = decodeRevisionKey(key);
            wrong.push(`${name}: revision ${main}_${sub}, byte ${offset}, bit ${bit}`);
          }
        }
      }
    }
    table.put(key, value);
  }
  return { wrong, flips };
}

t.test('every bit of a history that was never compacted', async (t) => {
  const backend = new MemoryBackend();
  for (const { key, value } of recordsOf(t, 'nocompact-35')) backend.tables.key.put(key, value);
  const { wrong, flips } = flipAll(backend, 0);
  t.same(wrong.slice(0, 5), [], `${flips} bits`);
});

t.test('every bit above the compact revision', async (t) => {
  const backend = new MemoryBackend();
  for (const { key, value } of recordsOf(t, 'nocompact-35')) backend.tables.key.put(key, value);
  const store = new Store(backend);
  store.restore();
  store.compact(30);
  t.ok([...allRecords(backend.tables.key)][0]!.main < 30, 'earlier records are left');
  const { wrong, flips } = flipAll(backend, 30);
  t.same(wrong.slice(0, 5), [], `${flips} bits`);
});
