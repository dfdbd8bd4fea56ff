// Makes the `"Name" : value` lines of `etcdctl -w fields`.

import { quoteGo } from '../../bytes/quote.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';

/** Returns the line of a response's header. mvccw has no cluster, member and term, which etcdctl prints too. */
export function revisionField(revision: number): string {
  return `"Revision" : ${revision}\n`;
}

/** Returns a record's lines. `prefix` comes before each name; it is Prev for the record before. */
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

/** Returns an event's lines; the record before comes first. */
export function eventFields({ type, kv, prevKv }: DeliveredEvent): string[] {
  return [`"Type" : ${type}`, ...(prevKv === undefined ? [] : keyValueFields(prevKv, 'Prev')), ...keyValueFields(kv)];
}
