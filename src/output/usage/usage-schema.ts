// Describes what `mvccw usage -w json` prints.

import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';

const AMOUNT = { type: 'object', required: ['records', 'bytes'], properties: { records: COUNT, bytes: COUNT } };

const SPLIT = {
  keys: { ...COUNT, description: 'the keys that have any record' },
  liveKeys: { ...COUNT, description: 'the keys that are there now' },
  revisions: { ...COUNT, description: 'the number of records: live, old and tombstones' },
  bytes: { ...COUNT, description: 'the stored bytes of the records: revision key, and the record with key and value' },
  live: { ...AMOUNT, description: 'the newest put of each key that is there now' },
  old: { ...AMOUNT, description: 'puts that another put or a deletion followed' },
  tombstones: { ...AMOUNT, description: 'deletions' },
};

const CHANGES = {
  changes: { ...COUNT, description: 'the number of puts and deletions' },
  bytes: { ...COUNT, description: 'the stored bytes of their records' },
};

const PART = {
  type: 'object',
  required: ['bytes'],
  properties: { pages: COUNT, bytes: { type: 'integer' } },
};

const PARTS = {
  records: { ...PART, description: 'the records of all keys' },
  otherBuckets: { ...PART, description: 'keys and values of the other buckets, or tables' },
  structure: { ...PART, description: 'headers and tables of pages, branch pages, sums' },
  slack: { ...PART, description: 'what pages in use do not fill' },
  freelist: { ...PART, description: 'the list of free pages' },
  free: { ...PART, description: 'free pages' },
  lost: { ...PART, description: 'pages that are neither in use nor listed as free' },
  meta: { ...PART, description: 'meta pages' },
  neverUsed: { ...PART, description: 'pages behind the high-water mark' },
  stray: { ...PART, description: 'bytes behind the last page' },
  digest: { ...PART, description: 'the SHA-256 at the end of a snapshot' },
};

const BUCKET = {
  name: TEXT,
  entries: COUNT,
  bytes: { ...COUNT, description: 'the bytes of its keys and values' },
  branchPages: COUNT,
  leafPages: COUNT,
  overflowPages: COUNT,
  slackBytes: COUNT,
};

export const USAGE_LINES = [
  lineSchema('total', 'usage: all records, or those with the prefix that was given; the first line', {
    path: TEXT,
    currentRev: COUNT,
    compactRev: { type: 'integer', minimum: -1 },
    depth: { ...COUNT, description: 'the levels of prefixes; fewer than asked for if there were too many prefixes' },
    prefixes: { ...COUNT, description: 'how many prefixes there are; --limit cuts the list' },
    ...SPLIT,
  }),
  lineSchema('prefix', 'usage: the records under a prefix; the largest is first', { prefix: BYTES, ...SPLIT }),
  lineSchema('value', 'usage: the largest value of a key; the largest is first', {
    key: BYTES,
    revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
    bytes: { ...COUNT, description: 'the length of the value' },
  }),
  lineSchema('key', 'usage: a key that changed more than once in the range of revisions; the most active is first', {
    key: BYTES,
    ...CHANGES,
  }),
  lineSchema('churn', 'usage: what changed in the range of revisions', {
    fromRev: COUNT,
    toRev: COUNT,
    revisions: { ...COUNT, description: 'the revisions with a change' },
    puts: COUNT,
    deletes: COUNT,
    ...CHANGES,
    keys: { ...COUNT, description: 'the keys that changed' },
    prefixes: {
      type: 'array',
      description: 'the most active first',
      items: {
        type: 'object',
        required: ['prefix', 'changes', 'bytes', 'keys'],
        properties: { prefix: BYTES, ...CHANGES, keys: COUNT },
      },
    },
  }),
  lineSchema('pages', 'usage: all bytes of the file', {
    fileBytes: COUNT,
    pageSize: COUNT,
    parts: {
      type: 'object',
      description: 'their bytes add up to fileBytes',
      required: Object.keys(PARTS),
      properties: PARTS,
    },
    branchPages: COUNT,
    leafPages: COUNT,
    overflowPages: COUNT,
    buckets: { type: 'array', items: { type: 'object', required: Object.keys(BUCKET), properties: BUCKET } },
  }),
  lineSchema(
    'compaction',
    'usage: what compacting at a revision, and defragmenting after it, would do; the last line',
    {
      revision: COUNT,
      deletedRecords: COUNT,
      deletedBytes: COUNT,
      keptRecords: COUNT,
      keptBytes: COUNT,
      defragBytes: { ...COUNT, description: 'the bytes of all pages afterwards, an estimate' },
      defragFileBytes: { ...COUNT, description: 'the most that the file may then be long, an estimate' },
    },
  ),
];
