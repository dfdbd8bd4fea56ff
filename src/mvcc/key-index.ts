// The key index: the revisions of each user key. etcd's key_index.go and index.go keep it in memory; here it is in the
// `index` table, so that opening a database costs the same at any size.
//
//   region L   slot of the key            → its newest revision, with what the next put needs to know
//   region H   slot of the key, revision  → each older revision; one byte: 1 for a tombstone
//
// A generation is the puts between two tombstones. "Latest" is one read, "at a revision" one or two, a put is two or
// three writes, and a key with a million revisions costs no more than one with two.

import { isEmpty } from '../adt/interval.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { ReadTable, Table } from './backend.js';
import { entriesInKeyOrder, isLongKey, keyOfSlot, slotOf } from './key-slot.js';
import {
  decodeRevisionKey,
  encodeRevisionKey,
  formatRevision,
  type Revision,
  readU64,
  revisionKeyBound,
  writeU64,
} from './revision.js';

export const LATEST = 'L';
export const HISTORY = 'H';
const HISTORY_BYTE = HISTORY.charCodeAt(0);

/** The range of the newest revisions in the table. */
export const LATEST_RANGE = { gte: Buffer.from('L'), lt: Buffer.from('M') } as const;

/** The entry of the index for a key's newest revision. */
export interface KeyState extends Revision {
  readonly tombstone: boolean;
  /** The first revision of the generation; 0 in a tombstone. */
  readonly createRevision: number;
  /** The number of puts in the generation so far; 0 in a tombstone. */
  readonly version: number;
}

/** One revision of a key. */
export interface KeyRevision extends Revision {
  readonly tombstone: boolean;
}

export interface KeyCounts {
  readonly live: number;
  /** The key was deleted, and compaction has not deleted the tombstone yet. */
  readonly deleted: number;
}

export const TOMBSTONE_FLAG = 1;
const LONG_FLAG = 2;
export const STATE_BYTES = 33;
const REVISION_KEY_BYTES = 17;

export function encodeState(key: string, state: KeyState): Buffer {
  const long = isLongKey(key);
  const bytes = Buffer.alloc(STATE_BYTES + (long ? key.length : 0));
  bytes[0] = (state.tombstone ? TOMBSTONE_FLAG : 0) | (long ? LONG_FLAG : 0);
  writeU64(bytes, state.main, 1);
  writeU64(bytes, state.sub, 9);
  writeU64(bytes, state.createRevision, 17);
  writeU64(bytes, state.version, 25);
  if (long) bytes.write(key, STATE_BYTES, 'latin1');
  return bytes;
}

export function decodeState(bytes: Buffer): KeyState {
  return {
    tombstone: (bytes[0]! & TOMBSTONE_FLAG) !== 0,
    main: readU64(bytes, 1),
    sub: readU64(bytes, 9),
    createRevision: readU64(bytes, 17),
    version: readU64(bytes, 25),
  };
}

export function fullKeyInState(bytes: Buffer): string | undefined {
  return (bytes[0]! & LONG_FLAG) !== 0 ? bytes.toString('latin1', STATE_BYTES) : undefined;
}

export class KeyIndexReader {
  constructor(protected readonly table: ReadTable) {}

  protected slot(key: string): Buffer {
    return slotOf(this.table, LATEST, key, fullKeyInState);
  }

  /** Returns the newest revision of a key, which may be a tombstone. */
  latest(key: string): KeyState | undefined {
    const bytes = this.table.get(this.slot(key));
    return bytes === undefined ? undefined : decodeState(bytes);
  }

  /** Returns the revision of a key that a read at `atRev` sees; undefined if the key does not exist then. */
  at(key: string, atRev: number): Revision | undefined {
    const slot = this.slot(key);
    const bytes = this.table.get(slot);
    if (bytes === undefined) return this.checkAbsent(key, slot);
    const latest = decodeState(bytes);
    if (latest.main <= atRev) this.checkNewest(key, slot, latest);
    return this.resolve(slot, latest, atRev);
  }

  /** Throws CORRUPT if the entry that says a key's newest revision is an old one: that revision was superseded. */
  protected checkNewest(key: string, slot: Buffer, { main, sub }: Revision): void {
    if (this.table.get(Buffer.concat([historySlot(slot), encodeRevisionKey({ main, sub })])) === undefined) return;
    throw brokenIndex(key, `has revision ${formatRevision({ main, sub })} both as its newest and as an older one`);
  }

  /** Throws CORRUPT if a key without a newest revision has older ones. */
  protected checkAbsent(key: string, slot: Buffer): undefined {
    const prefix = historySlot(slot);
    if (this.table.last({ gte: prefix, lt: Buffer.concat([prefix, Buffer.from([0xff])]) }) === undefined) return;
    throw brokenIndex(key, 'has older revisions, and no newest one');
  }

  private resolve(slot: Buffer, latest: KeyState, atRev: number): Revision | undefined {
    if (latest.main <= atRev) return latest.tombstone ? undefined : latest;
    const prefix = historySlot(slot);
    const older = this.table.last({ gte: prefix, lt: Buffer.concat([prefix, revisionKeyBound(atRev + 1)]) });
    if (older === undefined || older.value[0] === TOMBSTONE_FLAG) return undefined;
    return decodeRevisionKey(older.key.subarray(prefix.length));
  }

  /** Yields the keys in [key, end) that a read at `atRev` sees, in order. Without `end` it is one key; '' is no end. */
  *range(key: string, end: string | undefined, atRev: number): Iterable<{ key: string; revision: Revision }> {
    if (end === undefined) {
      const revision = this.at(key, atRev);
      if (revision !== undefined) yield { key, revision };
      return;
    }
    if (isEmpty({ begin: key, end })) return;
    for (const entry of entriesInKeyOrder(this.table, LATEST, key, end, fullKeyInState)) {
      const revision = this.resolve(entry.key, decodeState(entry.value), atRev);
      if (revision !== undefined) yield { key: entry.userKey, revision };
    }
  }

  /** Reads one entry for each key. The empty key of etcd's own filler records is not a key. */
  count(): KeyCounts {
    let live = 0;
    let deleted = 0;
    const noKey = this.slot('');
    for (const { key, value } of this.table.entries(LATEST_RANGE)) {
      if (key.equals(noKey)) continue;
      if ((value[0]! & TOMBSTONE_FLAG) === 0) live++;
      else deleted++;
    }
    return { live, deleted };
  }

  /** Yields all revisions of a key that the store still has, oldest first. */
  *history(key: string): Iterable<KeyRevision> {
    const slot = this.slot(key);
    const bytes = this.table.get(slot);
    if (bytes === undefined) return;
    const prefix = historySlot(slot);
    for (const entry of this.table.entries({ gte: prefix, lt: Buffer.concat([prefix, Buffer.from([0xff])]) })) {
      const { main, sub } = decodeRevisionKey(entry.key.subarray(prefix.length));
      yield { main, sub, tombstone: entry.value[0] === TOMBSTONE_FLAG };
    }
    const { main, sub, tombstone } = decodeState(bytes);
    yield { main, sub, tombstone };
  }
}

export class KeyIndex extends KeyIndexReader {
  constructor(protected override readonly table: Table) {
    super(table);
  }

  /** Makes `state` the newest revision of a key. It must be newer than the newest so far. */
  append(key: string, state: KeyState): void {
    const slot = this.slot(key);
    const bytes = this.table.get(slot);
    if (bytes === undefined) {
      this.checkAbsent(key, slot);
    } else {
      const latest = decodeState(bytes);
      this.checkNewest(key, slot, latest);
      this.putOlder(slot, latest);
    }
    this.table.put(slot, encodeState(key, state));
  }

  /**
   * Does what `append` does for each state of each key, oldest first, in far less time: only the last state of a key is
   * written as its newest, and entries are written in key order. Long keys are written first, in the order in which
   * they came, because the slots of some depend on it.
   */
  appendAll(statesByKey: ReadonlyMap<string, readonly KeyState[]>): void {
    const older: { readonly slot: Buffer; readonly states: readonly KeyState[] }[] = [];
    const keys = [...statesByKey.keys()];
    for (const key of [...keys.filter(isLongKey), ...keys.filter((key) => !isLongKey(key)).sort()]) {
      const states = statesByKey.get(key)!;
      const slot = this.slot(key);
      const bytes = this.table.get(slot);
      const superseded = states.slice(0, -1);
      older.push({ slot, states: bytes === undefined ? superseded : [decodeState(bytes), ...superseded] });
      this.table.put(slot, encodeState(key, states[states.length - 1]!));
    }
    for (const { slot, states } of older) for (const state of states) this.putOlder(slot, state);
  }

  private putOlder(slot: Buffer, { main, sub, tombstone }: KeyState): void {
    const flags = Buffer.from([tombstone ? TOMBSTONE_FLAG : 0]);
    this.table.put(Buffer.concat([historySlot(slot), encodeRevisionKey({ main, sub })]), flags);
  }

  /** Removes one revision, as compaction does. The newest one may be removed only if it is the last one left. */
  forget(key: string, revision: Revision): void {
    const slot = this.slot(key);
    const bytes = this.table.get(slot);
    if (bytes === undefined) return;
    const latest = decodeState(bytes);
    if (latest.main === revision.main && latest.sub === revision.sub) this.table.delete(slot);
    else this.table.delete(Buffer.concat([historySlot(slot), encodeRevisionKey(revision)]));
  }
}

/** Returns the prefix of the older revisions of a key, from the slot of its newest. */
export function historySlot(slot: Buffer): Buffer {
  const prefix = Buffer.from(slot);
  prefix[0] = HISTORY_BYTE;
  return prefix;
}

function brokenIndex(key: string, problem: string): MvccwError {
  return new MvccwError('CORRUPT', `the index is damaged: key ${quoteKey(key)} ${problem}`, {
    hint: 'the index is built anew from the records by: mvccw check --repair',
  });
}

/** Returns what an entry of the index is about, for messages. Throws for one whose slot makes no sense. */
export function nameIndexEntry(slot: Buffer): string {
  const region = slot.toString('latin1', 0, 1);
  if (region === LATEST) return `the newest revision of key ${quoteKey(keyOfSlot(region, slot))} in the index`;
  const end = slot.length - REVISION_KEY_BYTES;
  const revision = formatRevision(decodeRevisionKey(slot.subarray(end)));
  return `revision ${revision} of key ${quoteKey(keyOfSlot(region, slot.subarray(0, end)))} in the index`;
}

/** Returns the state of a key after a put at `revision`: the next version of its generation, or the first of a new one. */
export function stateAfterPut(before: KeyState | undefined, revision: Revision): KeyState {
  const alive = before !== undefined && !before.tombstone;
  return {
    main: revision.main,
    sub: revision.sub,
    tombstone: false,
    createRevision: alive ? before.createRevision : revision.main,
    version: alive ? before.version + 1 : 1,
  };
}

export function stateAfterDelete(revision: Revision): KeyState {
  return { main: revision.main, sub: revision.sub, tombstone: true, createRevision: 0, version: 0 };
}
