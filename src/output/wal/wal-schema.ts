// Describes what `mvccw wal -w json` prints: a line for each entry, or for each sum, and one for the whole log.

import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';
import { PROPOSER_PROPERTIES } from '../origin.js';
import { REQUEST_PROPERTIES } from './request-json.js';

const PLACE = {
  type: 'object',
  required: ['segment', 'offset', 'problem'],
  properties: { segment: TEXT, offset: COUNT, problem: TEXT },
};

const ENTRY_LINE = lineSchema(
  'entry',
  'wal: one entry of the log',
  {
    index: COUNT,
    term: COUNT,
    request: { ...TEXT, description: 'put, deleteRange, txn, …; noOp, confChange and unreadable are no requests' },
    committed: { type: 'boolean', description: 'whether it is known to be committed' },
    size: { ...COUNT, description: 'the bytes of its data' },
    asks: {
      type: 'object',
      properties: REQUEST_PROPERTIES,
      description: 'what the request asks for',
    },
  },
  {
    revision: { ...COUNT, description: 'the revision that it made' },
    reason: { ...TEXT, description: 'why it made none; absent beside revision: what came of it is not known' },
    refused: { const: true, description: 'the server answered with an error' },
    overwritten: { const: true, description: 'another entry took its place' },
    undecided: {
      ...TEXT,
      description: 'what came of it is not decided by the log alone, and this is what it hangs on',
    },
    user: { ...TEXT, description: 'absent: authentication was off, and no user is recorded' },
    requestId: { type: 'integer', description: 'of 64 bits: more than a double holds' },
    ...PROPOSER_PROPERTIES,
  },
);

const SPAN = { type: 'object', required: ['from', 'to'], properties: { from: COUNT, to: COUNT } };

const LOG_LINE = lineSchema(
  'log',
  'wal: the last line',
  {
    directory: TEXT,
    entries: COUNT,
    firstIndex: { ...COUNT, description: '0 if there is no entry' },
    lastIndex: { ...COUNT, description: '0 if there is no entry' },
    segments: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'size', 'used'],
        properties: { name: TEXT, size: COUNT, used: { ...COUNT, description: 'the bytes up to its last record' } },
      },
    },
    jumps: { type: 'array', items: SPAN, description: 'entries that follow one another, and whose indexes do not' },
    overwritten: {
      type: 'array',
      items: SPAN,
      description: 'entries in whose place others were written, and where in the log',
    },
  },
  {
    clusterId: TEXT,
    member: { ...TEXT, description: 'the id of the member whose log it is, in hexadecimal' },
    term: { ...COUNT, description: 'the last term that the member knew' },
    commit: { ...COUNT, description: 'the last index that the member knew to be committed; it may lag' },
    tornTail: { ...PLACE, description: 'a write that was never finished: the end of the log' },
    damage: { ...PLACE, description: 'where the log contradicts itself: only what lies before can be read' },
  },
);

const SUMS = {
  entries: COUNT,
  revisions: { ...COUNT, description: 'the entries that made a revision' },
  refused: { ...COUNT, description: 'the entries to which the server answered with an error' },
  unknown: { ...COUNT, description: 'the entries of which is not known what came of them' },
  bytes: COUNT,
};

const TOTAL_LINES = [
  lineSchema('entryTotal', 'wal --totals: the entries of one kind, one user or one member', SUMS, {
    request: TEXT,
    user: { ...TEXT, description: 'empty: no user is recorded' },
    member: { ...TEXT, description: 'the member that was asked' },
  }),
  lineSchema(
    'prefixTotal',
    'wal --totals: what requests would do under a prefix; each branch of a transaction counts',
    {
      prefix: BYTES,
      puts: COUNT,
      deletions: COUNT,
      bytes: { ...COUNT, description: 'the keys and values of the puts' },
    },
  ),
];

export const WAL_LINES = [ENTRY_LINE, ...TOTAL_LINES, LOG_LINE];
