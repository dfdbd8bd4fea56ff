// Decodes the requests that a transaction can have, and which the log has alone as well.

import {
  COMPARE_RESULTS,
  COMPARE_TARGETS,
  Compare,
  type DeleteRangeRequest,
  type Operation,
  PutRequest,
  type RangeRequest,
  type RequestHeader,
  type TxnRequest,
} from './request.js';
import type { RequestCursor } from './request-cursor.js';

const EMPTY = Buffer.alloc(0);

export function decodePut(put: RequestCursor, bytes: Buffer, header: RequestHeader): PutRequest {
  let [keyStart, keyEnd] = [0, 0];
  let [valueStart, valueEnd] = [0, 0];
  let lease = 0n;
  let [prevKv, ignoreValue, ignoreLease] = [false, false, false];
  while (put.next()) {
    switch (put.number) {
      case 1:
        put.block();
        keyStart = put.start;
        keyEnd = put.end;
        break;
      case 2:
        put.block();
        valueStart = put.start;
        valueEnd = put.end;
        break;
      case 3:
        lease = put.int64();
        break;
      case 4:
        prevKv = put.boolean();
        break;
      case 5:
        ignoreValue = put.boolean();
        break;
      case 6:
        ignoreLease = put.boolean();
        break;
    }
  }
  return new PutRequest(header, bytes, keyStart, keyEnd, valueStart, valueEnd, lease, prevKv, ignoreValue, ignoreLease);
}

export function decodeRange(range: RequestCursor, header: RequestHeader): RangeRequest & { header: RequestHeader } {
  let key = '';
  let end: string | undefined;
  let revision = 0;
  while (range.next()) {
    if (range.number === 1) key = range.latin1();
    else if (range.number === 2) end = range.rangeEnd();
    else if (range.number === 4) revision = range.integer();
  }
  return { kind: 'range', header, key, end, revision };
}

export function decodeDelete(
  del: RequestCursor,
  header: RequestHeader,
): DeleteRangeRequest & { header: RequestHeader } {
  let key = '';
  let end: string | undefined;
  let prevKv = false;
  while (del.next()) {
    if (del.number === 1) key = del.latin1();
    else if (del.number === 2) end = del.rangeEnd();
    else if (del.number === 3) prevKv = del.boolean();
  }
  return { kind: 'deleteRange', header, key, end, prevKv };
}

export function decodeTxn(
  txn: RequestCursor,
  bytes: Buffer,
  header: RequestHeader,
): TxnRequest & { header: RequestHeader } {
  const start = txn.position;
  const end = txn.limit;
  let compares: Compare[] | undefined;
  while (txn.next()) {
    if (txn.number !== 1) continue;
    const outer = txn.enter();
    compares = withOne(compares, decodeCompare(txn, bytes));
    txn.leave(outer);
  }
  return new DecodedTxn(header, compares ?? NOTHING, bytes, start, end, txn);
}

const NOTHING: readonly never[] = [];

/** Adds to a list. Most come to have one: a list that begins empty would have a lot of room then. */
function withOne<T>(list: T[] | undefined, one: T): T[] {
  if (list === undefined) return [one];
  list.push(one);
  return list;
}

const SUCCESS_FIELD = 2;
const FAILURE_FIELD = 3;

/** The branches are decoded when they are asked for: one of the two does nothing. */
class DecodedTxn implements TxnRequest {
  readonly kind = 'txn';
  private decodedSuccess: readonly Operation[] | undefined;
  private decodedFailure: readonly Operation[] | undefined;

  /** The message lies in the bytes from `start` to `end`; the cursor goes to it again. */
  constructor(
    readonly header: RequestHeader,
    readonly compares: readonly Compare[],
    private readonly bytes: Buffer,
    private readonly start: number,
    private readonly end: number,
    private readonly cursor: RequestCursor,
  ) {}

  get success(): readonly Operation[] {
    this.decodedSuccess ??= this.decode(SUCCESS_FIELD);
    return this.decodedSuccess;
  }

  get failure(): readonly Operation[] {
    this.decodedFailure ??= this.decode(FAILURE_FIELD);
    return this.decodedFailure;
  }

  private decode(branch: number): readonly Operation[] {
    const { cursor, bytes, header } = this;
    let operations: Operation[] | undefined;
    cursor.open(bytes, this.start, this.end);
    while (cursor.next()) {
      if (cursor.number !== branch) continue;
      const outer = cursor.enter();
      const operation = decodeOperation(cursor, bytes, header);
      if (operation !== undefined) operations = withOne(operations, operation);
      cursor.leave(outer);
    }
    return operations ?? NOTHING;
  }
}

/** Returns the operation in a field, which may be empty. */
function decodeOperation(field: RequestCursor, bytes: Buffer, header: RequestHeader): Operation | undefined {
  let operation: Operation | undefined;
  while (field.next()) {
    const { number } = field;
    if (number > 4) continue;
    const outer = field.enter();
    if (number === 1) operation = decodeRange(field, header);
    else if (number === 2) operation = decodePut(field, bytes, header);
    else if (number === 3) operation = decodeDelete(field, header);
    else operation = decodeTxn(field, bytes, header);
    field.leave(outer);
  }
  return operation;
}

/** The targets by the field that what is compared with is in. */
const FIELD_OF: Readonly<Record<(typeof COMPARE_TARGETS)[number], number>> = {
  version: 4,
  create: 5,
  mod: 6,
  value: 7,
  lease: 8,
};

function decodeCompare(compare: RequestCursor, bytes: Buffer): Compare {
  let [keyStart, keyEnd] = [0, 0];
  let end: string | undefined;
  let [result, target] = [0, 0];
  let number = 0;
  let lease = 0n;
  let value: Buffer = EMPTY;
  let given = 0;
  while (compare.next()) {
    const field = compare.number;
    if (field >= 4 && field <= 8) given = field;
    if (field === 1) result = compare.integer();
    else if (field === 2) target = compare.integer();
    else if (field === 3) {
      compare.block();
      keyStart = compare.start;
      keyEnd = compare.end;
    } else if (field >= 4 && field <= 6) number = compare.integer();
    else if (field === 7) value = compare.view();
    else if (field === 8) lease = compare.int64();
    else if (field === 64) end = compare.rangeEnd();
  }
  const named = COMPARE_TARGETS[target] ?? 'unknown';
  // Where another target was given a value, etcd compares with nothing.
  if (named === 'unknown' || given !== FIELD_OF[named]) {
    number = 0;
    lease = 0n;
    value = EMPTY;
  }
  return new Compare(bytes, keyStart, keyEnd, end, COMPARE_RESULTS[result] ?? 'unknown', named, number, lease, value);
}
