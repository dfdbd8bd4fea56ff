// Prints the responses of a live watch as etcdctl does.
//
// Differs from etcdctl: only the simple format says "progress notify"; in the others the response itself says it.

import { utf8 } from '../mvcc/byte-string.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { LiveResponse } from '../storage/live-watch.js';
import { watchResponseJson } from './api-json.js';
import { eventFields, revisionField } from './fields.js';
import { toJson } from './json.js';
import type { Style } from './style.js';
import { bytesFor, hexBytes } from './text.js';

export interface WatchStyle extends Style {
  /** Every byte of keys and values as \xNN. */
  readonly hex: boolean;
}

/** Gives a byte string; '' where there is nothing to say. */
export type WatchPrinter = (response: LiveResponse) => string;

function simplePrinter({ terminal, colour, hex }: WatchStyle): WatchPrinter {
  const show = (bytes: string): string => (hex ? hexBytes(bytes) : bytesFor(terminal, bytes));
  const record = (kv: KeyValue): string => `${show(kv.key)}\n${show(kv.value.toString('latin1'))}\n`;
  return ({ via, revision, events }) => {
    if (via === 'progress') return `progress notify: ${revision}\n`;
    let text = '';
    for (const { type, kv, prevKv } of events) {
      text += `${utf8(type === 'PUT' ? colour.green(type) : colour.red(type))}\n`;
      if (prevKv !== undefined) text += record(prevKv);
      text += record(kv);
    }
    return text;
  };
}

function jsonPrinter(): WatchPrinter {
  return (response) => `${utf8(toJson(watchResponseJson(response)))}\n`;
}

function fieldsPrinter(): WatchPrinter {
  return ({ revision, events }) => {
    const lines = events.flatMap(eventFields).map((line) => `${line}\n`);
    return revisionField(revision) + lines.join('');
  };
}

export const WATCH_PRINTERS: Readonly<Record<string, (style: WatchStyle) => WatchPrinter>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
};
