// These tests align drawn logs (align.ts) that are as ambiguous as can be: two keys, two values, requests that come twice,
// leases that run out, an alarm. What is given out must be what applying the whole log gives.

import t from 'tap';
import { alignLog } from '../../../src/inspect/align/align.js';
import { applyLog } from '../../../src/mvcc/apply/apply-log.js';
import type { ReadBackend } from '../../../src/mvcc/backend.js';
import { MemoryTable } from '../../../src/mvcc/memory-table.js';
import { encodeRevisionKey } from '../../../src/mvcc/revision.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import { readLog } from '../../../src/wal/read-log.js';
import { type Comparison, encodeLogRequest, type Operation, type WantedRequest } from '../../support/log-requests.js';
import { draws, random, SEED } from '../../support/random.js';
import { memorySegments } from '../../support/wal-segments.js';
import { LogWriter } from '../../support/write-log.js';

type Draw = (below: number) => number;
const FIRST_ID = 0x1f03_a220_2019_0000n;

const pick = <T>(draw: Draw, all: readonly T[]): T => all[draw(all.length)]!;
const keyOf = (draw: Draw) => pick(draw, ['a', 'b']);
const leaseOf = (draw: Draw) => pick(draw, [0n, 0n, 0n, 7n, 8n]);

function operation(draw: Draw, depth: number): Operation {
  switch (draw(depth > 1 ? 4 : 5)) {
    case 0:
      return { kind: 'range', key: keyOf(draw), revision: draw(4) === 0 ? 1 + draw(20) : 0 };
    case 1:
      return draw(2) === 0
        ? { kind: 'deleteRange', key: keyOf(draw) }
        : { kind: 'deleteRange', key: 'a', end: pick(draw, ['', 'b', 'c']) };
    case 4:
      return txn(draw, depth + 1);
    default: {
      const ignored = draw(8);
      const value = ignored === 0 ? {} : { value: pick(draw, ['x', 'y']) };
      return { kind: 'put', key: keyOf(draw), ...value, lease: leaseOf(draw), ignoreValue: ignored === 0 };
    }
  }
}

function comparison(draw: Draw): Comparison {
  const span = draw(5) === 0 ? { key: 'a', end: 'c' } : { key: keyOf(draw) };
  const target = pick(draw, ['version', 'create', 'mod', 'value', 'lease'] as const);
  const than = target === 'value' ? pick(draw, ['x', 'y']) : BigInt(draw(target === 'version' ? 3 : 12));
  return { ...span, result: pick(draw, ['=', '>', '<', '!='] as const), target, than };
}

/** Returns a transaction. A key is changed once at most in each branch, as servers demand. */
function txn(draw: Draw, depth = 0): Operation & { kind: 'txn' } {
  const branch = () => (draw(4) === 0 ? [] : [operation(draw, depth)]);
  return { kind: 'txn', compare: draw(3) === 0 ? [] : [comparison(draw)], success: branch(), failure: branch() };
}

function request(draw: Draw, full: boolean): WantedRequest {
  switch (draw(12)) {
    case 0:
      return { kind: 'leaseGrant', id: 7n + BigInt(draw(2)), ttl: 10 };
    case 1:
      return { kind: 'leaseRevoke', id: 7n + BigInt(draw(2)) };
    case 2:
      if (!full) return { kind: 'compaction', revision: 1 };
      return {
        kind: 'alarm',
        action: pick(draw, ['activate', 'deactivate'] as const),
        member: BigInt(1 + draw(2)),
        alarm: 'nospace',
      };
    case 3:
    case 4:
    case 5:
      return txn(draw);
    default:
      return operation(draw, 2) as WantedRequest;
  }
}

function drawnLog(draw: Draw): { log: ReturnType<typeof readLog>; alarms: ReadonlySet<bigint>; last: number } {
  const writer = new LogWriter();
  const alarms = new Set<bigint>();
  const full = draw(2) === 0;
  const last = 20 + draw(40);
  const given: WantedRequest[] = [];
  for (let index = 1; index <= last; index++) {
    const again = given.length > 0 && draw(3) === 0;
    const wanted = again ? pick(draw, given) : request(draw, full);
    given.push(wanted);
    if (wanted.kind === 'alarm') {
      if (wanted.action === 'activate') alarms.add(wanted.member);
      else alarms.delete(wanted.member);
    }
    writer.entry({ index, term: 1, data: encodeLogRequest(wanted, { id: FIRST_ID + BigInt(index) }) });
  }
  writer.saveState({ term: 1, commit: last });
  return { log: readLog(memorySegments(writer.finish(0))), alarms, last };
}

/** Returns a backend as if it had been compacted, which has kept all records all the same. */
function compactedAt(backend: ReadBackend, rev: number): ReadBackend {
  const meta = new MemoryTable();
  const key = encodeRevisionKey({ main: rev, sub: 0 });
  for (const name of ['scheduledCompactRev', 'finishedCompactRev']) meta.put(Buffer.from(name), key);
  return { ...backend, tables: { ...backend.tables, meta }, sizeBytes: () => 0, close: () => undefined };
}

t.test('of drawn logs, too, nothing is guessed', async (t) => {
  const draw = random(SEED);
  const counts = [0, 0, 0];
  for (let round = 0; round < draws(60, 3000); round++) {
    const { log, alarms, last } = drawnLog(draw);
    const applied = applyLog(log, undefined);
    const whole = new CheckedStoreReader(applied.backend);
    if (whole.currentRev < 3) continue;
    const backend = draw(2) === 0 ? applied.backend : compactedAt(applied.backend, 2 + draw(whole.currentRev - 2));
    const store = new CheckedStoreReader(backend);
    const base = {
      tables: backend.tables,
      sizeBytes: () => 0,
      entriesOf: (bucket: string) =>
        bucket === 'alarm' ? [...alarms].map(() => ({ key: Buffer.alloc(0), value: Buffer.alloc(0) })) : [],
    };
    const firstIndex = 1 + draw(last);
    // An entry that cannot be read may have done anything.
    const unreadable = draw(3) === 0 ? firstIndex + draw(last - firstIndex + 1) : 0;
    const cut = {
      firstIndex,
      jumps: [],
      *entries(from = firstIndex, to = last) {
        for (const entry of log.entries(Math.max(from, firstIndex), to)) {
          yield entry.index === unreadable ? { ...entry, data: Buffer.from([0xff]) } : entry;
        }
      },
      entry: (index: number) => log.entry(index),
      read: (position: number, length: number) => log.read(position, length),
    };
    const alignment = alignLog({ store, base, log: cut, lastIndex: last });
    if (alignment.contradiction !== undefined) t.fail(`round ${round}: contradiction at ${alignment.contradiction}`);
    for (let main = Math.max(store.compactRev, 1) + 1; main <= store.currentRev; main++) {
      const indexes = alignment.originsOf(main).map(({ index }) => index);
      const index = applied.indexOf(main)!;
      if (indexes.length > 0 && !indexes.includes(index))
        t.fail(`round ${round}: ${main} came from ${index}, not ${indexes}`);
      if (index <= unreadable && indexes.length > 0) t.fail(`round ${round}: ${main} lies below what cannot be read`);
      if (index >= firstIndex && index > unreadable) counts[Math.min(indexes.length, 2)]!++;
    }
  }
  const [unknown, certain, oneOf] = counts as [number, number, number];
  t.ok(certain > 3 * (unknown + oneOf), `${certain} of ${certain + unknown + oneOf} are certain`);
});
