// Decodes the requests that a transaction can have, and which the log has alone as well.

import {
  COMPARE_RESULTS,
  COMPARE_TARGETS,
  type Compare,
  type DeleteRangeRequest,
  type KeySpan,
  type Operation,
  PutRequest,
  type RangeRequest,
  type RequestHeader,
  type TxnRequest,
} from './request.js';
import type { RequestCursor } from './request-cursor.js';

const EMPTY = Buffer.alloc(0);

export function decodePut(put: RequestCursor, data: Buffer, header: RequestHeader): PutRequest {
  let key = '';
  let [valueStart, valueEnd] = [0, 0];
  let lease = 0n;
  let [prevKv, ignoreValue, ignoreLease] = [false, false, false];
  while (put.next()) {
    switch (put.number) {
      case 1:
        key = put.latin1();
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
  return new PutRequest(header, key, data, valueStart, valueEnd, lease, prevKv, ignoreValue, ignoreLease);
}

export function decodeRange(range: RequestCursor, header: RequestHeader): RangeRequest & { header: RequestHeader } {
  let key = '';
  let end: string | undefined;
  let revision = 0;
  while (range.next()) {
    if (range.number === 1) key = range.latin1();
    else if (range.number === 2) end = range.rangeEnd();
    else if (range.number === 4) revision = range.number64();
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
  data: Buffer,
  header: RequestHeader,
): TxnRequest & { header: RequestHeader } {
  const compares: Compare[] = [];
  const success: Operation[] = [];
  const failure: Operation[] = [];
  while (txn.next()) {
    if (txn.number === 1) compares.push(decodeCompare(txn.message()));
    else if (txn.number === 2) decodeOperation(txn.message(), data, header, success);
    else if (txn.number === 3) decodeOperation(txn.message(), data, header, failure);
  }
  return { kind: 'txn', header, compares, success, failure };
}

/** Adds the operation, if there is one: a field may be empty. */
function decodeOperation(field: RequestCursor, data: Buffer, header: RequestHeader, operations: Operation[]): void {
  while (field.next()) {
    if (field.number === 1) operations.push(decodeRange(field.message(), header));
    else if (field.number === 2) operations.push(decodePut(field.message(), data, header));
    else if (field.number === 3) operations.push(decodeDelete(field.message(), header));
    else if (field.number === 4) operations.push(decodeTxn(field.message(), data, header));
  }
}

/** The targets by the field that what is compared with is in. */
const FIELD_OF: Readonly<Record<(typeof COMPARE_TARGETS)[number], number>> = {
  version: 4,
  create: 5,
  mod: 6,
  value: 7,
  lease: 8,
};

function decodeCompare(compare: RequestCursor): Compare {
  const span: { -readonly [K in keyof KeySpan]: KeySpan[K] } = { key: '', end: undefined };
  let [result, target] = [0, 0];
  let number = 0;
  let lease = 0n;
  let value: Buffer = EMPTY;
  let given = 0;
  while (compare.next()) {
    const field = compare.number;
    if (field >= 4 && field <= 8) given = field;
    if (field === 1) result = compare.number64();
    else if (field === 2) target = compare.number64();
    else if (field === 3) span.key = compare.latin1();
    else if (field >= 4 && field <= 6) number = compare.number64();
    else if (field === 7) value = compare.view();
    else if (field === 8) lease = compare.int64();
    else if (field === 64) span.end = compare.rangeEnd();
  }
  const named = COMPARE_TARGETS[target] ?? 'unknown';
  // Where another target was given a value, etcd compares with nothing.
  const fits = named !== 'unknown' && given === FIELD_OF[named];
  return {
    ...span,
    result: COMPARE_RESULTS[result] ?? 'unknown',
    target: named,
    number: fits ? number : 0,
    lease: fits ? lease : 0n,
    value: fits ? value : EMPTY,
  };
}
