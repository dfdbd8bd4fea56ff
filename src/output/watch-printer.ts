// Prints the responses of a live watch as etcdctl does.
//
// Differs from etcdctl: only the simple format says "progress notify"; in the others the response itself says it.

import { utf8 } from '../bytes/byte-string.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { LiveResponse } from '../storage/live-watch.js';
import { watchResponsePieces } from './formats/api-json.js';
import { eventFields, revisionField } from './formats/fields.js';
import { type ValueTeller, valueText } from './kube/value-teller.js';
import type { Style } from './terminal/style.js';
import { bytesFor, hexBytes } from './terminal/text.js';

export interface WatchStyle extends Style {
  /** Whether every byte of keys and values is shown as \xNN. */
  readonly hex: boolean;
  /** Tells what values are; undefined where they are shown as they are. */
  readonly decoding?: ValueTeller | undefined;
}

/** Yields byte strings piece by piece, because a response may hold more than one string can. */
export type WatchPrinter = (response: LiveResponse) => Iterable<string>;

function simplePrinter({ terminal, colour, hex, decoding }: WatchStyle): WatchPrinter {
  const show = (bytes: string): string => (hex ? hexBytes(bytes) : bytesFor(terminal, bytes));
  const value = ({ key, value }: KeyValue): string =>
    decoding === undefined ? show(value.toString('latin1')) : valueText(decoding, key, value);
  const record = (kv: KeyValue): string => `${show(kv.key)}\n${value(kv)}\n`;
  return function* print({ via, revision, events }) {
    if (via === 'progress') yield `progress notify: ${revision}\n`;
    for (const { type, kv, prevKv } of events) {
      yield `${utf8(type === 'PUT' ? colour.green(type) : colour.red(type))}\n`;
      if (prevKv !== undefined) yield record(prevKv);
      yield record(kv);
    }
  };
}

function jsonPrinter({ decoding }: WatchStyle): WatchPrinter {
  return function* print(response) {
    yield* watchResponsePieces(response, decoding);
    yield '\n';
  };
}

function fieldsPrinter({ decoding }: WatchStyle): WatchPrinter {
  return function* print({ revision, events }) {
    yield revisionField(revision);
    for (const event of events) yield `${eventFields(event, decoding).join('\n')}\n`;
  };
}

export const WATCH_PRINTERS: Readonly<Record<string, (style: WatchStyle) => WatchPrinter>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
};
