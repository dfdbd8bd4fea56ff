// The tables of options of put, get, del and watch, and of registered watchers.

import { FILTER_WORDS, parseFilter } from '../watch/event-filter.js';
import type { WatchOptions } from './client-watch.js';
import type { DeleteOptions } from './delete-request.js';
import type { GetOptions } from './get-request.js';
import type { OptionTable, ValueOption } from './option-table.js';
import {
  oneOf,
  parseLeaseId,
  parseNumberFlag,
  parseSortOrder,
  parseSortTarget,
  SORT_ORDERS,
  SORT_TARGETS,
} from './option-values.js';
import type { PutOptions } from './put-request.js';
import type { RangeOptions } from './range-options.js';
import type { WatchFields } from './watch-spec.js';

const number = (help: string): ValueOption<number> => ({ help, value: '<n>', parse: parseNumberFlag });

const KEY_HEX = { help: 'KEY is hexadecimal, 62ff or \\x62\\xff, and stands for any bytes' };

export const RANGE_OPTIONS: OptionTable<Omit<RangeOptions, 'end'>> = {
  prefix: { help: 'all keys that begin with KEY' },
  fromKey: { help: 'KEY and all keys above it, in byte order' },
  keyHex: { help: 'KEY and RANGE_END are hexadecimal, 62ff or \\x62\\xff, and stand for any bytes' },
};

export const PUT_OPTIONS: OptionTable<PutOptions> = {
  prevKv: { help: 'print the record before as well' },
  lease: { help: 'attach the key to this lease, in hexadecimal', value: '<id>', parse: parseLeaseId },
  ignoreValue: { help: 'keep the value that the key has' },
  ignoreLease: { help: 'keep the lease that the key has' },
  keyHex: KEY_HEX,
  valueHex: { help: 'VALUE is hexadecimal, from stdin too' },
};

const CONSISTENCIES = ['l', 's'] as const;

/** `consistency` has no effect: a read is always linearizable and serializable. */
export const GET_OPTIONS: OptionTable<Omit<GetOptions, 'end'> & { readonly consistency: string }> = {
  ...RANGE_OPTIONS,
  rev: number('read as of this revision; 0 is the newest'),
  limit: number('print that many records at most; 0 is all'),
  order: { help: 'the order of the records', value: '<order>', choices: SORT_ORDERS, parse: parseSortOrder },
  sortBy: {
    help: 'the field that the records are sorted by',
    value: '<target>',
    choices: SORT_TARGETS,
    parse: parseSortTarget,
  },
  keysOnly: { help: 'leave the values out' },
  countOnly: { help: 'print only how many keys there are' },
  printValueOnly: { help: 'print only the values (simple)' },
  minModRev: number('only records last changed at this revision or later'),
  maxModRev: number('only records last changed at this revision or before'),
  minCreateRev: number('only keys created at this revision or later'),
  maxCreateRev: number('only keys created at this revision or before'),
  consistency: {
    help: 'accepted for scripts, without effect: a read is always linearizable',
    value: '<l|s>',
    choices: CONSISTENCIES,
    parse: (text, name) => oneOf(CONSISTENCIES, text, `bad value of ${name}`),
  },
};

/** `range` has no effect: etcdctl 3.6 wants it beside a RANGE_END. */
export const DELETE_OPTIONS: OptionTable<Omit<DeleteOptions, 'end'> & { readonly range: boolean }> = {
  ...RANGE_OPTIONS,
  prevKv: { help: 'print the deleted records as well' },
  range: { help: 'accepted for scripts written for etcdctl 3.6, without effect' },
};

const FILTER: ValueOption<WatchFields['filters'] & object> = {
  help: 'leave these events out; may be given twice',
  value: '<events>',
  choices: FILTER_WORDS,
  repeats: true,
  parse: (text) => [parseFilter(text)],
};

export const WATCH_OPTIONS: OptionTable<WatchOptions> = {
  ...RANGE_OPTIONS,
  rev: number('the first revision to show; default: the next one'),
  prevKv: { help: 'also print the record before each change' },
  filter: FILTER,
  progressNotify: { help: 'say how far the watch has come when nothing has happened for a while' },
};

/** The options of a watcher that is registered: its spec without name and key. */
export interface WatcherOptions extends Omit<RangeOptions, 'end'> {
  readonly rev?: number | undefined;
  readonly filter?: WatchFields['filters'];
  readonly prevKv?: boolean | undefined;
  readonly stream?: string | undefined;
}

/** Returns the table of these options. `readName` reads the name of a stream. */
export function watcherOptions(readName: (text: string) => string): OptionTable<WatcherOptions> {
  return {
    ...RANGE_OPTIONS,
    rev: number('the first revision it wants; 0: only what is committed later; default: that of the replay'),
    filter: FILTER,
    prevKv: { help: 'also get the record before each event' },
    stream: {
      help: 'the name of the stream, which watchers can share; default: a stream of its own',
      value: '<name>',
      parse: readName,
    },
  };
}
