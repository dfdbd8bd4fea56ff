// Reads watch specs as people write them on a command line:
//
//   name=pods,key=/registry/pods/,prefix,rev=100,filter=delete,stream=s1,prevKv
//
// The escapes of unescape.ts are allowed in it: \, is a comma and \xNN a byte.

import { type Bytes, fromUtf8, sliceBytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { unescapeBytes } from '../bytes/unescape.js';
import { MvccwError } from '../errors.js';
import { type EventFilter, parseFilter } from '../watch/event-filter.js';
import { parseWholeNumber } from './option-values.js';
import { FIELD_WORDS } from './range-options.js';
import { type WatchSpec, watchSpecOf } from './watch-spec.js';

const FIELDS = ['name', 'key', 'end', 'rev', 'filter', 'stream'];
const FLAGS = ['prefix', 'fromKey', 'prevKv', 'progressNotify', 'fragment'];
const ALLOWED =
  'fields are name=, key=, end=, rev=, filter=put|delete, stream=, and prefix, fromKey, prevKv, progressNotify, fragment';

/** Splits a spec at the commas that no backslash precedes. */
function splitFields(text: string): Bytes[] {
  const fields = [''];
  for (const [piece] of text.matchAll(/\\[\s\S]|,|[^\\,]+|\\$/g)) {
    if (piece === ',') fields.push('');
    else fields[fields.length - 1] += piece;
  }
  return fields.map(unescapeBytes);
}

/** Reads one spec. A watcher without a name gets one from `position`, which counts from 1. Throws USAGE. */
export function parseWatchSpec(text: string, position: number): WatchSpec {
  const fail = (message: string) => new MvccwError('USAGE', message, { hint: ALLOWED });
  const values = new Map<string, Bytes>();
  const flags = new Set<string>();
  const filters: EventFilter[] = [];
  for (const field of splitFields(text)) {
    const at = field.indexOf('=');
    const name = at === -1 ? field : field.slice(0, at);
    const value = sliceBytes(field, at + 1);
    if (at === -1 && FLAGS.includes(name)) flags.add(name);
    else if (at === -1 || !FIELDS.includes(name)) throw fail(`unknown field ${quoteKey(name)}`);
    else if (name === 'filter') filters.push(parseFilter(fromUtf8(value)));
    else if (values.has(name)) throw fail(`${name} is given twice`);
    else values.set(name, value);
  }
  if (!values.has('key')) throw fail('key= is missing');
  const rev = values.get('rev');
  const stream = values.get('stream');
  const spec = {
    name: fromUtf8(values.get('name') ?? `watch${position}`),
    key: values.get('key')!,
    end: values.get('end'),
    prefix: flags.has('prefix'),
    fromKey: flags.has('fromKey'),
    startRev: rev === undefined ? undefined : parseWholeNumber(fromUtf8(rev), 'rev'),
    filters,
    prevKv: flags.has('prevKv'),
    progressNotify: flags.has('progressNotify'),
    fragment: flags.has('fragment'),
    stream: stream === undefined ? undefined : fromUtf8(stream),
  };
  return watchSpecOf(spec, FIELD_WORDS);
}
