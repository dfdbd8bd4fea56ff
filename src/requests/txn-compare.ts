// A condition of a transaction compares one property of one key with a constant. Follows applyCompare in etcd's txn.go.

import type { KeyValue } from '../mvcc/key-value.js';
import type { RangeReader } from './get-request.js';

const COMPARE_OPERATORS = ['=', '!=', '<', '>'] as const;
export type CompareOperator = (typeof COMPARE_OPERATORS)[number];

export type Compare = { readonly key: string; readonly operator: CompareOperator } & (
  | { readonly target: 'value'; readonly operand: Buffer }
  | { readonly target: 'version' | 'create' | 'mod' | 'lease'; readonly operand: bigint }
);

/**
 * Returns whether a condition holds. An absent key has version, revisions and lease 0. It has no value, and every comparison
 * of its value is false.
 */
export function holds(reader: RangeReader, compare: Compare): boolean {
  const kv = reader.range({ key: compare.key }).kvs[0];
  if (compare.target === 'value') {
    return kv !== undefined && isTrue(compare.operator, kv.value.compare(compare.operand));
  }
  const actual = kv === undefined ? 0n : numberOf(kv, compare.target);
  return isTrue(compare.operator, actual < compare.operand ? -1 : actual > compare.operand ? 1 : 0);
}

function numberOf(kv: KeyValue, target: 'version' | 'create' | 'mod' | 'lease'): bigint {
  if (target === 'lease') return kv.lease;
  return BigInt(target === 'version' ? kv.version : target === 'create' ? kv.createRevision : kv.modRevision);
}

/** Returns whether an operator holds. `order` is below 0, 0 or above 0 when the actual value is below, at or above the operand. */
function isTrue(operator: CompareOperator, order: number): boolean {
  if (operator === '=') return order === 0;
  if (operator === '!=') return order !== 0;
  return operator === '<' ? order < 0 : order > 0;
}
