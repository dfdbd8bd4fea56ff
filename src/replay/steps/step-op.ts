// The operations of a step scenario, as its file has them.

import { fromBase64, utf8 } from '../../bytes/byte-string.js';
import type { EventFilter } from '../../watch/event-filter.js';

/** A field of bytes in JSON: text when it is UTF-8, else base64 in a field whose name ends in 64. */
export type BytesField<Name extends string> = {
  readonly [K in Name | `${Name}64`]?: string;
};

export interface ConfigOp {
  readonly op: 'config';
  readonly chanBufLen?: number;
  readonly maxWatchersPerSync?: number;
  readonly watchBatchMaxRevs?: number;
  readonly compactionBatchLimit?: number;
}

export type PutOp = { readonly op: 'put'; readonly lease?: number } & BytesField<'key'> & BytesField<'value'>;
export type DeleteOp = { readonly op: 'delete' } & BytesField<'key'> & BytesField<'end'>;

export type RangeOp = {
  readonly op: 'range';
  readonly rev?: number;
  readonly limit?: number;
  readonly countOnly?: boolean;
} & BytesField<'key'> &
  BytesField<'end'>;
interface StepTxn {
  readonly op: 'txn';
  readonly ops: readonly (PutOp | DeleteOp | RangeOp)[];
}

export type WatchOp = {
  readonly op: 'watch';
  readonly watcher: string;
  readonly stream?: string;
  readonly watchId?: number;
  readonly startRev?: number;
  readonly filters?: readonly EventFilter[];
} & BytesField<'key'> &
  BytesField<'end'>;
export type StepOp =
  | ConfigOp
  | PutOp
  | DeleteOp
  | RangeOp
  | StepTxn
  | WatchOp
  | { readonly op: 'compact' | 'hash'; readonly rev: number }
  | { readonly op: 'cancel' | 'progress'; readonly watcher: string }
  | { readonly op: 'recv'; readonly stream: string; readonly max?: number }
  | { readonly op: 'progressAll'; readonly stream: string }
  | { readonly op: 'restart'; readonly finishedCompactRev?: number }
  | { readonly op: 'grant'; readonly lease: number; readonly ttl: number }
  | { readonly op: 'revoke'; readonly lease: number }
  | { readonly op: 'sync' | 'victims' }
  | { readonly op: 'restore' | 'leases' | 'defrag' | 'dump' | 'state' };
/** Returns a field of bytes as a latin-1 string; '' when the field is absent. */
export function bytesField<Name extends string>(op: BytesField<Name>, name: Name): string {
  const encoded = op[`${name}64`];
  return encoded === undefined ? utf8(op[name] ?? '') : fromBase64(encoded);
}
