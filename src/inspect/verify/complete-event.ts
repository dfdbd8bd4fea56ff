// Completes events of which a stream tells only a part, from the history: what is told is kept, and the rest is as the
// history has it. So they are held against the history as whole events are, and only what was told can differ.

import { fromUtf8, utf8 } from '../../bytes/byte-string.js';
import type { History } from '../../mvcc/history.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import { LostRecordError } from '../../mvcc/range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import { type HiddenEvent, NO_BYTES, type RecordedEvent, type ToldEvent, type ToldValue } from './recorded.js';

/** A gap of more revisions is jumped over, not read. */
const MAX_READ_AHEAD = 100;

/** Finds the records of revisions, most of which come in order. */
class RecordCursor {
  private rest: Iterator<StoredRecord> | undefined;
  private next: StoredRecord | undefined;
  private found: readonly StoredRecord[] = [];
  private foundMain = -1;

  constructor(private readonly history: History) {}

  recordsAt(main: number): readonly StoredRecord[] {
    if (main === this.foundMain) return this.found;
    const { next } = this;
    if (next === undefined || next.main > main || next.main < main - MAX_READ_AHEAD) {
      this.rest?.return?.();
      this.rest = this.history.records(main, this.history.currentRev)[Symbol.iterator]();
      this.advance();
    }
    while (this.next !== undefined && this.next.main < main) this.advance();
    const found: StoredRecord[] = [];
    while (this.next !== undefined && this.next.main === main) {
      found.push(this.next);
      this.advance();
    }
    this.found = found;
    this.foundMain = main;
    return found;
  }

  private advance(): void {
    const step = this.rest!.next();
    this.next = step.done ? undefined : step.value;
  }
}

export class EventCompleter {
  private readonly cursor: RecordCursor;
  /** The number of values that are hidden in the stream, and are not compared. */
  hiddenValues = 0;

  constructor(private readonly history: History) {
    this.cursor = new RecordCursor(history);
  }

  complete(event: RecordedEvent): DeliveredEvent {
    if ('told' in event) return this.completeTold(event.told);
    if ('hidden' in event) return this.completeHidden(event.hidden);
    return event;
  }

  private completeTold({ type, keyText, revision, isCreate, value, before }: ToldEvent): DeliveredEvent {
    const same = this.cursor.recordsAt(revision).filter(({ key }) => isTextOf(keyText, key));
    const record = same.find(({ tombstone }) => tombstone === (type === 'DELETE')) ?? same[0];
    const key = record?.key ?? utf8(keyText);
    const truth = record === undefined || record.tombstone ? undefined : record.keyValue();
    const told = { key, modRevision: revision, value: trueOrTold(value, truth?.value ?? NO_BYTES) };
    const kv =
      type === 'DELETE'
        ? { ...told, createRevision: 0, version: 0, lease: 0n }
        : {
            ...told,
            createRevision: isCreate ? revision : otherThan(revision, truth?.createRevision),
            version: truth?.version ?? 1,
            lease: truth?.lease ?? 0n,
          };
    if (before === undefined) return { type, kv };
    const then = this.recordBefore(key, revision);
    const prevKv = {
      key,
      createRevision: then?.createRevision ?? before.modRevision,
      modRevision: before.modRevision,
      version: before.version,
      value: trueOrTold(before.value, then?.value ?? NO_BYTES),
      lease: then?.lease ?? 0n,
    };
    return { type, kv, prevKv };
  }

  private completeHidden({ shown, hides }: HiddenEvent): DeliveredEvent {
    this.hiddenValues += hides.length;
    const { type, kv, prevKv } = shown;
    const record = this.cursor.recordsAt(kv.modRevision).find(({ key, tombstone }) => key === kv.key && !tombstone);
    const value = hides.includes('value') && record !== undefined ? record.keyValue().value : kv.value;
    const whole: DeliveredEvent = { type, kv: { ...kv, value } };
    if (prevKv === undefined) return whole;
    const then = hides.includes('prevValue') ? this.recordBefore(kv.key, kv.modRevision) : undefined;
    return { ...whole, prevKv: { ...prevKv, value: then?.value ?? prevKv.value } };
  }

  /** Returns the record of a key one revision before; undefined if there was none, or it cannot be read. */
  private recordBefore(key: string, revision: number): KeyValue | undefined {
    const { compactRev, currentRev } = this.history;
    const rev = revision - 1;
    if (rev < 1 || rev < compactRev || rev > currentRev) return undefined;
    try {
      return this.history.range({ key, rev }).kvs[0];
    } catch (error) {
      if (error instanceof LostRecordError) return undefined;
      throw error;
    }
  }
}

function otherThan(revision: number, createRevision = revision - 1): number {
  return createRevision === revision ? revision - 1 : createRevision;
}

/** Returns the value of the history if it is the one that was told; else what was told of it. */
function trueOrTold(told: ToldValue, truth: Buffer): Buffer {
  if (told.hash !== 0) return fnv32a(truth) === told.hash ? truth : Buffer.from(`a value with hash ${told.hash}`);
  return isTextOf(told.text, truth.toString('latin1')) ? truth : Buffer.from(told.text);
}

/**
 * Tells whether text was made of these bytes. Bytes that are not UTF-8 have become U+FFFD, one for each or one for
 * several, as programs differ there.
 */
function isTextOf(text: string, bytes: string): boolean {
  return utf8(text) === bytes || (text.includes('\ufffd') && joined(text) === joined(fromUtf8(bytes)));
}

const joined = (text: string): string => text.replace(/\ufffd+/g, '\ufffd');

function fnv32a(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
