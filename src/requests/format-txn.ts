// Writes parts of a transaction as lines that `etcdctl txn` and `mvccw txn` read from stdin. Every byte can be written:
// what is no printable text becomes an escape within double quotes.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { Compare } from './txn-compare.js';

/** Returns a comparison with a number, without its newline. */
export function formatCompare({ target, key, operator, operand }: Exclude<Compare, { target: 'value' }>): Bytes {
  const text = target === 'lease' ? operand.toString(16) : operand.toString();
  return `${target}(${quoteGo(key)}) ${operator} "${text}"` as Bytes;
}

/** Returns a put of a value, without its newline. */
export function formatPut({ key, value, lease }: { key: string; value: Buffer; lease: bigint }): Bytes {
  const valueBytes = value.toString('latin1');
  const option = lease === 0n ? '' : ` --lease=${lease.toString(16)}`;
  // A word that begins with a dash is an option, also when it is quoted.
  const separator = key.startsWith('-') || valueBytes.startsWith('-') ? ' --' : '';
  return `put${option}${separator} ${quoteGo(key)} ${quoteGo(valueBytes)}` as Bytes;
}
