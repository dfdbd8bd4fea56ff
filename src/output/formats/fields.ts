// Makes the `"Name" : value` lines of `etcdctl -w fields`.

import { utf8 } from '../../bytes/byte-string.js';
import { quoteGo } from '../../bytes/quote.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';
import type { ValueTeller } from '../kube/value-teller.js';

/** Returns the line of a response's header. mvccw has no cluster, member and term, which etcdctl prints too. */
export function revisionField(revision: number): string {
  return `"Revision" : ${revision}\n`;
}

/**
 * Returns a record's lines. `prefix` comes before each name; it is Prev for the record before. With a teller, what the
 * value is stands in its place.
 */
export function keyValueFields(kv: KeyValue, prefix: '' | 'Prev', decoding?: ValueTeller): string[] {
  return [
    `"${prefix}Key" : ${quoteGo(kv.key)}`,
    `"${prefix}CreateRevision" : ${kv.createRevision}`,
    `"${prefix}ModRevision" : ${kv.modRevision}`,
    `"${prefix}Version" : ${kv.version}`,
    ...valueFields(kv, prefix, decoding),
    `"${prefix}Lease" : ${kv.lease}`,
  ];
}

function valueFields({ key, value }: KeyValue, prefix: string, decoding: ValueTeller | undefined): string[] {
  if (decoding === undefined || value.length === 0) return [`"${prefix}Value" : ${quoteGo(value.toString('latin1'))}`];
  const fields = decoding.fields(key, value).map((field) => `"${prefix}Field" : ${quoteGo(utf8(field))}`);
  return [`"${prefix}Decoded" : ${quoteGo(utf8(decoding.line(key, value)))}`, ...fields];
}

/** Returns an event's lines; the record before comes first. */
export function eventFields({ type, kv, prevKv }: DeliveredEvent, decoding?: ValueTeller): string[] {
  const before = prevKv === undefined ? [] : keyValueFields(prevKv, 'Prev', decoding);
  return [`"Type" : ${type}`, ...before, ...keyValueFields(kv, '', decoding)];
}
