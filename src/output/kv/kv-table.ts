// Prints responses as tables, which etcdctl does not do. Keys and values are escaped in a pipe too, because a newline
// would break the table.

import type { KeyValue } from '../../mvcc/key-value.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import type { TxnOpResponse } from '../../requests/txn-request.js';
import { type Cell, drawTable } from '../formats/table.js';
import { escapeBytes, hexBytes } from '../terminal/text.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';

/**
 * The largest key or value that a table shows, because all rows are as wide as the widest. Of a larger one it tells the
 * size.
 */
const MAX_CELL_BYTES = 4096;

export function kvTablePrinter({ hex, columns, decoding }: KvStyle): KvPrinter {
  const draw = (head: string[], rows: Cell[][]) => drawTable(head, rows, { columns });

  const show = (bytes: string): string => {
    if (bytes.length > MAX_CELL_BYTES) return `(${bytes.length} bytes)`;
    return hex ? hexBytes(bytes) : escapeBytes(bytes);
  };

  const showValue = ({ key, value }: KeyValue): string => {
    return decoding?.line(key, value, MAX_CELL_BYTES) ?? show(value.toString('latin1'));
  };

  function records(kvs: readonly KeyValue[], withValues = true): string {
    return draw(
      ['key', ...(withValues ? ['value'] : []), 'create rev', 'mod rev', 'version', 'lease'],
      kvs.map((kv) => [
        show(kv.key),
        ...(withValues ? [showValue(kv)] : []),
        kv.createRevision,
        kv.modRevision,
        kv.version,
        kv.lease === 0n ? '' : formatLeaseId(kv.lease),
      ]),
    );
  }

  function* message(response: TxnOpResponse): Iterable<string> {
    if (response.type === 'put') {
      yield draw(['put at revision'], [[response.revision]]);
      if (response.prevKv !== undefined) yield records([response.prevKv]);
    } else if (response.type === 'get') {
      const { kvs, count, more, shows } = response;
      if (shows === 'count') yield draw(['count'], [[count]]);
      else yield records(kvs, shows !== 'keys');
      if (more) yield `There are more: ${count} in the range.\n`;
    } else {
      yield draw(['deleted', 'revision'], [[response.deleted, response.revision]]);
      if (response.prevKvs.length > 0) yield records(response.prevKvs);
    }
  }

  return {
    put: message,
    get: message,
    delete: message,
    *txn({ revision, succeeded, responses }) {
      yield draw(['transaction', 'revision'], [[succeeded ? 'SUCCESS' : 'FAILURE', revision]]);
      for (const response of responses) yield* message(response);
    },
    *compacted({ revision, currentRev }) {
      yield draw(['compacted revision', 'revision'], [[revision, currentRev]]);
    },
  };
}
