// The `"Name" : value` lines of `etcdctl -w fields`.

import { quoteGo } from '../../bytes/quote.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';

/** What is left of a response's header: a store of one has no cluster, member and term. */
export function revisionField(revision: number): string {
  return `"Revision" : ${revision}\n`;
}

/** A record's lines; `prefix` stands before each name (Prev for what was there before). */
export function keyValueFields(kv: KeyValue, prefix = ''): string[] {
  return [
    `"${prefix}Key" : ${quoteGo(kv.key)}`,
    `"${prefix}CreateRevision" : ${kv.createRevision}`,
    `"${prefix}ModRevision" : ${kv.modRevision}`,
    `"${prefix}Version" : ${kv.version}`,
    `"${prefix}Value" : ${quoteGo(kv.value.toString('latin1'))}`,
    `"${prefix}Lease" : ${kv.lease}`,
  ];
}

/** What was there before comes first. */
export function eventFields({ type, kv, prevKv }: DeliveredEvent): string[] {
  return [`"Type" : ${type}`, ...(prevKv === undefined ? [] : keyValueFields(prevKv, 'Prev')), ...keyValueFields(kv)];
}
