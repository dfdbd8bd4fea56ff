// Takes the intact records off a leaf page that may be damaged. A record is taken only if all of these hold:
//
//   its key is a revision key, and its value is a record in etcd's one form, of that revision
//   its element does not cut the value short: a field that is cut off whole would leave a record in that form too
//   its revision lies between those of the records before and behind it in the table
//
// So an element that is wrong, or bytes that are none of a record, are not taken, whatever the page's header says.

import type { ElementShape, LeafShape } from '../../bbolt/salvage/leaf-shape.js';
import { elementsOf } from '../../bbolt/salvage/leaf-shape.js';
import { MvccwError } from '../../errors.js';
import { StoredRecord } from '../../mvcc/record.js';
import type { Revision } from '../../mvcc/revision.js';

/** The tags of a record's last two fields, value and lease. */
const VALUE_TAG = 0x2a;
const LEASE_TAG = 0x30;
/** No transaction has so many changes. */
const MAX_SUB = 0xffff_ffff;

export interface SoundRecord extends ElementShape, Revision {}

interface BadElement {
  readonly index: number;
  readonly problem: string;
}

export interface SoundRecords {
  readonly records: readonly SoundRecord[];
  readonly bad: readonly BadElement[];
  /** Whether the last record is the last of the page. */
  readonly endsKnown: boolean;
  /** Whether the first record is the first of the page. */
  readonly startsKnown: boolean;
}

export function compareRevisions(a: Revision, b: Revision): number {
  return a.main - b.main || a.sub - b.sub;
}

export function soundRecords(shape: LeafShape): SoundRecords {
  const { count, isCountSure, isWhole } = shape;
  const sound: SoundRecord[] = [];
  const problems = new Map<number, string>();
  for (const element of elementsOf(shape)) {
    if (element.index >= count && isWhole) break;
    const found = soundRecord(shape, element);
    if (typeof found !== 'string') sound.push(found);
    else if (element.index < count) problems.set(element.index, found);
    else break;
  }
  const records = inOrder(sound, (record) => problems.set(record.index, 'its revision is not between its neighbours'));
  const taken = new Set(records.map(({ index }) => index));
  const bad: BadElement[] = [];
  for (let index = 0; index < count; index++) {
    if (!taken.has(index))
      bad.push({ index, problem: problems.get(index) ?? 'its key or value is not within the page' });
  }
  const knowsCount = isCountSure && (records.at(-1)?.index ?? -1) < count;
  return {
    records,
    bad,
    endsKnown: knowsCount && taken.has(count - 1),
    startsKnown: isCountSure && taken.has(0),
  };
}

/** Returns the record of an element, or what is wrong with it. */
function soundRecord(shape: LeafShape, element: ElementShape): SoundRecord | string {
  const { bytes } = shape;
  const { keyStart, keyEnd, valueEnd } = element;
  try {
    const record = new StoredRecord(bytes.subarray(keyStart, keyEnd), bytes.subarray(keyEnd, valueEnd));
    // Reading the key checks the record.
    void record.key;
    const { main, sub, version, createRevision } = record;
    if (main < 2 || sub > MAX_SUB) return 'no change has its revision';
    if (record.isEmpty && !(element.startsRight && element.endsRight)) return 'its record is empty';
    if (!element.endsRight && isCut(record, bytes[valueEnd])) return 'its value is cut short';
    if (version > 0 && version > main - createRevision + 1) return 'it says more versions than there are revisions';
    return { ...element, main, sub };
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return error.message;
    throw error;
  }
}

/** Tells whether what follows a record may be a field of it. */
function isCut(record: StoredRecord, next: number | undefined): boolean {
  if (record.tombstone || record.lease !== 0n) return false;
  return next === LEASE_TAG || (next === VALUE_TAG && record.keyValue().value.length === 0);
}

const isConfirmed = ({ startsRight, endsRight }: ElementShape) => startsRight || endsRight;

/** Tells whether a revision is the next one after another. */
function follows(before: Revision | undefined, next: Revision | undefined): boolean {
  if (before === undefined || next === undefined) return false;
  return before.main === next.main ? next.sub === before.sub + 1 : next.main === before.main + 1 && next.sub === 0;
}

/** Returns the records whose revisions rise. Of two that contradict each other, the one that fits its neighbours stays. */
function inOrder(records: readonly SoundRecord[], onDrop: (record: SoundRecord) => void): SoundRecord[] {
  const taken: SoundRecord[] = [];
  for (const [i, record] of records.entries()) {
    const last = taken.at(-1);
    if (last === undefined || compareRevisions(last, record) < 0) {
      taken.push(record);
    } else if (isBetter(taken.at(-2), last, record, records[i + 1])) {
      onDrop(taken.pop()!);
      taken.push(record);
    } else {
      onDrop(record);
    }
  }
  return taken;
}

/** Tells whether `record` is to be taken in the place of `last`, whose revision is not below its own. */
function isBetter(
  before: SoundRecord | undefined,
  last: SoundRecord,
  record: SoundRecord,
  next: SoundRecord | undefined,
): boolean {
  if (before !== undefined && compareRevisions(before, record) >= 0) return false;
  if (isConfirmed(record) !== isConfirmed(last)) return isConfirmed(record);
  const isHigh = next !== undefined && compareRevisions(next, last) <= 0;
  if (isHigh) return true;
  const fit = (one: SoundRecord) => Number(follows(before, one)) + Number(follows(one, next));
  // A changed bit mostly makes a number larger.
  return fit(record) === fit(last) ? record.sub < last.sub : fit(record) > fit(last);
}
