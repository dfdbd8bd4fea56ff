// What a transaction does: the branch that its compares choose, with those of nested transactions. All compares see the
// keys as they were before the transaction, those of nested ones too, as in etcd's compareToPath.

import type {
  Compare,
  DeleteRangeRequest,
  Operation,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from '../../wal/request.js';
import type { AppliedLeases } from './applied-leases.js';
import type { LiveKeys } from './live-keys.js';

export interface Branch {
  readonly kind: 'branch';
  readonly operations: readonly (PutRequest | DeleteRangeRequest | RangeRequest | Branch)[];
}

/** Reads the value of a key that is there, by its number. */
type ReadValue = (number: number) => { readonly length: number; read(): Buffer };

export class BranchChooser {
  constructor(
    private readonly live: LiveKeys,
    private readonly leases: AppliedLeases,
    private readonly readValue: ReadValue,
  ) {}

  choose(txn: TxnRequest): Branch {
    const operations = this.allHold(txn.compares) ? txn.success : txn.failure;
    return { kind: 'branch', operations: isFlat(operations) ? operations : operations.map((one) => this.resolve(one)) };
  }

  private allHold(compares: readonly Compare[]): boolean {
    for (const compare of compares) if (!this.holds(compare)) return false;
    return true;
  }

  private resolve(operation: Operation): PutRequest | DeleteRangeRequest | RangeRequest | Branch {
    return operation.kind === 'txn' ? this.choose(operation) : operation;
  }

  /** Whether a compare holds for all keys of its range. */
  private holds(compare: Compare): boolean {
    const found = compare.end === undefined ? this.live.findKey(compare) : undefined;
    if (found !== undefined) return this.holdsFor(compare, found);
    const numbers = compare.end === undefined ? [] : this.live.inRange(compare);
    if (numbers.length > 0) return numbers.every((number) => this.holdsFor(compare, number));
    // A key that is not there has no value to compare, and 0 for everything else.
    if (compare.target === 'value') return false;
    if (compare.target === 'lease') return holdsAs(compare.result, sign(0n, compare.lease));
    return holdsAs(compare.result, compare.target === 'unknown' ? 0 : -compare.number);
  }

  private holdsFor(compare: Compare, number: number): boolean {
    const { live } = this;
    switch (compare.target) {
      case 'version':
        return holdsAs(compare.result, live.version(number) - compare.number);
      case 'create':
        return holdsAs(compare.result, live.createRevision(number) - compare.number);
      case 'mod':
        return holdsAs(compare.result, live.modRevision(number) - compare.number);
      case 'lease':
        return holdsAs(compare.result, sign(this.leases.idOf(live.lease(number)), compare.lease));
      case 'value':
        return this.holdsForValue(compare, number);
      default:
        return holdsAs(compare.result, 0);
    }
  }

  private holdsForValue(compare: Compare, number: number): boolean {
    const value = this.readValue(number);
    // Values of different lengths need not be read to be told apart.
    const isOther = value.length !== compare.value.length;
    if (isOther && compare.result === '=') return false;
    if (isOther && compare.result === '!=') return true;
    return holdsAs(compare.result, value.read().compare(compare.value));
  }
}

/** Whether there are no nested transactions. */
function isFlat(operations: readonly Operation[]): operations is readonly Exclude<Operation, TxnRequest>[] {
  for (const { kind } of operations) if (kind === 'txn') return false;
  return true;
}

function sign(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a comparison holds; `difference` is below, at or above 0 as what was found is to what was given. */
export function holdsAs(result: Compare['result'], difference: number): boolean {
  switch (result) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
    default:
      return true;
  }
}
