// Says who takes the room of a store, in one pass over its records: bytes by prefix, the largest values, the keys that
// change most, what changed in a range of revisions, and what a compaction would delete.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { MvccwError } from '../../errors.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { checkRevision, type Window } from '../../mvcc/window.js';
import { KeyStates } from './key-states.js';
import { LargestValues, type LargeValue } from './largest-values.js';
import { type PrefixOptions, type PrefixRow, PrefixTable } from './prefix-table.js';
import { RecordSizes } from './record-sizes.js';
import { bytesIn, newSplit, type Split } from './split.js';

export interface UsageOptions extends PrefixOptions {
  /** The length of each list: of prefixes, values and keys. */
  readonly limit: number;
  /** The range of revisions whose changes are counted; by default the whole window. */
  readonly fromRev?: number | undefined;
  readonly toRev?: number | undefined;
  /** The revision of the compaction; by default the newest. */
  readonly compactAt?: number | undefined;
}

/** A prefix and what its records come to. */
export interface PrefixUsage extends Split {
  readonly prefix: string;
}

interface ActivePrefix {
  readonly prefix: string;
  readonly changes: number;
  readonly bytes: number;
  readonly keys: number;
}

/** What changed in a range of revisions. */
export interface Churn {
  readonly fromRev: number;
  readonly toRev: number;
  /** The number of revisions with a change. */
  readonly revisions: number;
  readonly changes: number;
  readonly puts: number;
  readonly deletes: number;
  readonly bytes: number;
  readonly keys: number;
  readonly prefixes: readonly ActivePrefix[];
}

export interface ActiveKey {
  readonly key: string;
  readonly changes: number;
  readonly bytes: number;
}

/** What a compaction would do to the records. */
interface CompactionUsage {
  readonly revision: number;
  readonly deletedRecords: number;
  readonly deletedBytes: number;
  readonly keptRecords: number;
  readonly keptBytes: number;
  /** Yields the bytes of each record that is kept, in order. */
  keptSizes(): Iterable<number>;
}

export interface Usage {
  readonly currentRev: number;
  readonly compactRev: number;
  /** All records of keys with the prefix that was asked for. */
  readonly total: Split;
  readonly prefixes: readonly PrefixUsage[];
  /** The number of prefixes that there are; the list may be shorter. */
  readonly prefixCount: number;
  /** The number of levels of the prefixes. It is lower than asked for if there were too many prefixes. */
  readonly depth: number;
  readonly values: readonly LargeValue[];
  readonly keys: readonly ActiveKey[];
  readonly churn: Churn;
  readonly compaction: CompactionUsage;
}

/** The revisions that a measurement is about. */
interface Bounds {
  readonly fromRev: number;
  readonly toRev: number;
  readonly compactAt: number;
}

/**
 * Measures records, which are all that a store has. Whoever gives the keys numbers as they are read hands these over.
 * Throws USAGE, COMPACTED or FUTURE_REVISION for its options.
 */
export function measureUsage(
  records: Iterable<StoredRecord>,
  window: Window,
  options: UsageOptions,
  numbers = new KeyNumbers(),
): Usage {
  const meter = new UsageMeter(boundsOf(options, window), options, new KeyStates(numbers));
  for (const record of records) meter.add(record);
  return meter.result(window);
}

/** Returns the revisions that the options name. Throws USAGE, COMPACTED or FUTURE_REVISION. */
function boundsOf({ fromRev, toRev, compactAt }: UsageOptions, window: Window): Bounds {
  const { currentRev, compactRev } = window;
  const bounds = {
    fromRev: fromRev ?? Math.max(compactRev + 1, 1),
    toRev: toRev ?? currentRev,
    compactAt: compactAt ?? currentRev,
  };
  for (const revision of [fromRev, toRev, compactAt]) if (revision !== undefined) checkRevision(revision, window);
  for (const revision of [fromRev, toRev]) {
    if (revision === undefined || revision > compactRev) continue;
    throw new MvccwError('COMPACTED', `what changed at revision ${revision} has been compacted`, {
      hint:
        compactRev < currentRev
          ? `all changes are there from revision ${compactRev + 1} on`
          : 'nothing newer has been written since',
    });
  }
  if (fromRev !== undefined && bounds.fromRev > bounds.toRev) {
    throw new MvccwError('USAGE', `there are no revisions from ${bounds.fromRev} to ${bounds.toRev}`, {
      hint: '--from-rev is the first, and --to-rev the last',
    });
  }
  return bounds;
}

/** The key of the records that `etcdutl snapshot restore --bump-revision` writes: they are of no key. */
const NO_KEY = '';

class UsageMeter {
  private readonly table: PrefixTable;
  private readonly values: LargestValues;
  private readonly sizes = new RecordSizes();
  private readonly churn = { revisions: 0, puts: 0, deletes: 0 };
  private lastChangedMain = -1;
  private records = 0;
  private bytes = 0;

  constructor(
    private readonly bounds: Bounds,
    private readonly options: UsageOptions,
    private readonly states: KeyStates,
  ) {
    this.table = new PrefixTable(options);
    this.values = new LargestValues(options.limit);
  }

  add(record: StoredRecord): void {
    const { key } = record;
    const bytes = record.keyBytes.length + record.valueBytes.length;
    const place = this.sizes.add(bytes);
    this.records++;
    this.bytes += bytes;
    const id = this.states.numberOf(key);
    if (this.states.isNew(id)) this.addKey(id, key);
    this.compact(id, place, record);
    const before = this.states.replaceLive(id, record.tombstone ? undefined : place);
    const row = this.states.row(id);
    if (row < 0) return;
    this.count(this.table.rows[row]!, record, bytes, before);
    const { fromRev, toRev } = this.bounds;
    if (record.main >= fromRev && record.main <= toRev && key !== NO_KEY) this.countChange(id, row, record, bytes);
    const { valueLength } = record;
    if (valueLength > 0 && !this.values.isTooSmall(valueLength, key)) {
      this.values.add({ key, bytes: valueLength, main: record.main, sub: record.sub });
    }
  }

  private addKey(id: number, key: string): void {
    if (!key.startsWith(this.options.prefix)) {
      this.states.add(id, undefined);
      return;
    }
    const row = this.table.placeOf(key);
    this.states.add(id, row);
    if (key !== NO_KEY) this.table.rows[row]!.split.keys++;
    while (this.table.isTooLong) this.states.moveRows(this.table.lower());
  }

  /** Moves what was live to what is old, and adds a record. `before` is the place of what was live. */
  private count(
    { split }: PrefixRow,
    { key, tombstone }: StoredRecord,
    bytes: number,
    before: number | undefined,
  ): void {
    if (before !== undefined) {
      const bytesBefore = this.sizes.at(before);
      split.liveRecords--;
      split.liveBytes -= bytesBefore;
      split.oldRecords++;
      split.oldBytes += bytesBefore;
    }
    const keys = key === NO_KEY ? 0 : 1;
    if (before !== undefined) split.liveKeys -= keys;
    if (tombstone) {
      split.tombstones++;
      split.tombstoneBytes += bytes;
    } else {
      split.liveKeys += keys;
      split.liveRecords++;
      split.liveBytes += bytes;
    }
  }

  private countChange(id: number, row: number, { main, tombstone }: StoredRecord, bytes: number): void {
    const { churn } = this.table.rows[row]!;
    churn.changes++;
    churn.bytes += bytes;
    if (this.states.countChange(id, bytes)) churn.keys++;
    if (main !== this.lastChangedMain) this.churn.revisions++;
    this.lastChangedMain = main;
    if (tombstone) this.churn.deletes++;
    else this.churn.puts++;
  }

  /** Follows what the compaction would keep of each key. The rule is that of KeepSet (keep-set.ts). */
  private compact(id: number, place: number, { main, tombstone }: StoredRecord): void {
    const { compactAt } = this.bounds;
    if (main > compactAt) return;
    if (this.states.isFinal(id)) {
      this.sizes.drop(place);
      return;
    }
    const isKept = !tombstone || main === compactAt;
    const before = this.states.replaceSurvivor(id, isKept ? place : undefined);
    if (before !== undefined) this.sizes.drop(before);
    if (!isKept) this.sizes.drop(place);
    else if (tombstone) this.states.setFinal(id);
  }

  result({ currentRev, compactRev }: Window): Usage {
    const { table, states, sizes, values, bounds, options } = this;
    const { limit } = options;
    const total = newSplit();
    for (const { split } of table.rows) {
      for (const name of Object.keys(split) as (keyof Split)[]) total[name] += split[name];
    }
    const bySize = (a: PrefixRow, b: PrefixRow) => bytesIn(b.split) - bytesIn(a.split) || byText(a.prefix, b.prefix);
    const { droppedRecords, droppedBytes } = sizes;
    return {
      currentRev,
      compactRev,
      total,
      prefixes: [...table.rows]
        .sort(bySize)
        .slice(0, limit)
        .map(({ prefix, split }) => ({ prefix, ...split })),
      prefixCount: table.rows.length,
      depth: table.depth,
      values: values.list(),
      keys: mostActive(states.rewritten(), limit),
      churn: this.churnResult(),
      compaction: {
        revision: bounds.compactAt,
        deletedRecords: droppedRecords,
        deletedBytes: droppedBytes,
        keptRecords: this.records - droppedRecords,
        keptBytes: this.bytes - droppedBytes,
        keptSizes: () => sizes.kept(),
      },
    };
  }

  private churnResult(): Churn {
    const { fromRev, toRev } = this.bounds;
    const active = this.table.rows.filter(({ churn }) => churn.changes > 0);
    const sum = { changes: 0, bytes: 0, keys: 0 };
    for (const { churn } of active) {
      sum.changes += churn.changes;
      sum.bytes += churn.bytes;
      sum.keys += churn.keys;
    }
    const prefixes = active
      .sort((a, b) => b.churn.changes - a.churn.changes || byText(a.prefix, b.prefix))
      .slice(0, this.options.limit)
      .map(({ prefix, churn }) => ({ prefix, ...churn }));
    return { fromRev, toRev, ...this.churn, ...sum, prefixes };
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the keys that changed most. Those below a rising bound are never sorted. */
function mostActive(keys: Iterable<ActiveKey>, limit: number): ActiveKey[] {
  const byChanges = (a: ActiveKey, b: ActiveKey) => b.changes - a.changes || byText(a.key, b.key);
  let best: ActiveKey[] = [];
  let least = 0;
  for (const active of keys) {
    if (active.changes < least) continue;
    best.push(active);
    if (best.length < 2 * limit) continue;
    best = best.sort(byChanges).slice(0, limit);
    least = best.at(-1)!.changes;
  }
  return best.sort(byChanges).slice(0, limit);
}
