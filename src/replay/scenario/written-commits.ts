// The transactions that a scenario writes. Each is made of its text when it is asked for: a repeated commit takes the
// memory of one.

import { countBefore } from '../../adt/binary-search.js';
import { checkDuplicateKeys, type Write } from '../../requests/duplicate-keys.js';
import { FIELD_WORDS, notEmpty, rangeOf } from '../../requests/range-options.js';
import { MAX_CHANGES, MAX_WRITTEN_BYTES } from '../run/bounds.js';
import { type Change, keyOf, type Transaction, type Transactions } from '../run/transactions.js';
import { checkTotal } from './check-total.js';
import { inField } from './field-error.js';
import { isNumbered, numberedBytes, rangeBytes } from './numbered-text.js';
import type { ChangeText, CommitText, PutText, RangeText } from './scenario-text.js';

export class WrittenCommits implements Transactions {
  readonly length: number;
  /** The changes of each commit, and the number of transactions up to its end. */
  private readonly commits: readonly (readonly ChangeText[])[];
  private readonly ends: number[] = [];

  /** Throws USAGE for what the schema cannot refuse, and for more than can be held. */
  constructor(texts: readonly CommitText[]) {
    const total = texts.reduce((sum, { repeat = 1, txn = [0] }) => sum + repeat * txn.length, 0);
    checkTotal(total, MAX_CHANGES, 'puts and deletes');
    this.commits = texts.map(({ txn, ...change }) => txn ?? [change]);
    let end = 0;
    let bytes = 0;
    texts.forEach((text, at) => {
      const { repeat = 1 } = text;
      end += repeat;
      this.ends.push(end);
      inField([at], () => this.check(text, at));
      bytes += repeat * this.bytesOf(at, repeat - 1);
    });
    this.length = end;
    checkTotal(bytes, MAX_WRITTEN_BYTES, 'bytes of keys and values, repeats included');
  }

  /** Checks a commit, and each of its repeats if they differ in more than what a put writes. */
  private check({ repeat = 1, txn, put }: CommitText, at: number): void {
    const differ = put === undefined && isNumbered(JSON.stringify(this.commits[at]));
    for (let i = 0; i < (differ ? repeat : 1); i++) {
      const changes = this.commits[at]!.map((change, index) =>
        txn === undefined ? changeOf(change, i) : inField(['txn', index], () => changeOf(change, i)),
      );
      if (changes.length > 1) inField(['txn'], () => checkDuplicateKeys(changes.map(requestOf)));
    }
  }

  /** Returns the bytes that the i-th of a commit writes. */
  private bytesOf(at: number, i: number): number {
    const sizes = this.commits[at]!.map((text) => {
      const change = changeOf(text, i);
      return keyOf(change).length + ('put' in change ? change.value.length : 0);
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  private find(place: number): { readonly commit: readonly ChangeText[]; readonly i: number } {
    const at = countBefore(this.ends.length, (candidate) => this.ends[candidate]! <= place);
    return { commit: this.commits[at]!, i: place - (this.ends[at - 1] ?? 0) };
  }

  at(place: number): Transaction {
    const { commit, i } = this.find(place);
    return commit.map((change) => changeOf(change, i));
  }

  changeAt(place: number, index: number): Change {
    const { commit, i } = this.find(place);
    return changeOf(commit[index]!, i);
  }

  keyAt(place: number, index: number): string {
    const { commit, i } = this.find(place);
    const { put, delete: del } = commit[index]!;
    const { key, keyHex } = (put ?? del)!;
    return numberedBytes(key, i, 'keyHex', keyHex);
  }
}

/** Returns the i-th of a change. */
function changeOf({ put, delete: del }: ChangeText, i: number): Change {
  if (put !== undefined) return inField(['put'], () => putChange(put, i));
  return inField(['delete'], () => deletion(del!, i));
}

function putChange({ key, value = '', keyHex, valueHex }: PutText, i: number): Change {
  return {
    put: numberedBytes(key, i, 'keyHex', keyHex),
    value: Buffer.from(numberedBytes(value, i, 'valueHex', valueHex), 'latin1'),
  };
}

/** Reads a delete, whose range is written as a watcher's. */
function deletion(text: RangeText, i: number): Change {
  const { key, ...options } = rangeBytes(text, i);
  const range = notEmpty(rangeOf(key, options, FIELD_WORDS), 'range of a delete', FIELD_WORDS);
  return { delete: range.key, end: range.end };
}

function requestOf(change: Change): Write {
  if ('put' in change) return { type: 'put', key: change.put };
  return { type: 'delete', key: change.delete, end: change.end };
}
