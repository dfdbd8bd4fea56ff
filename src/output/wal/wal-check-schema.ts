// Describes what `mvccw wal check -w json` prints: a line for each remark and each finding, and one for the whole.

import { LOG_FINDING_KINDS, REMARKS } from '../../inspect/wal/check/log-finding.js';
import { COMPARED } from '../../storage/audited-log.js';
import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';
import { PROPOSER_PROPERTIES } from '../origin.js';

const ENTRY = {
  type: 'object',
  description: 'the entry of the log that it is about',
  required: ['index', 'term', 'request'],
  properties: {
    index: COUNT,
    term: COUNT,
    request: TEXT,
    user: { ...TEXT, description: 'absent: none is recorded' },
    requestId: { type: 'integer', description: 'of 64 bits: more than a double holds' },
    ...PROPOSER_PROPERTIES,
  },
};

export const WAL_CHECK_LINES = [
  lineSchema(
    'wal-remark',
    'wal check: what is as it may be',
    {
      about: { oneOf: Object.entries(REMARKS).map(([about, description]) => ({ const: about, description })) },
      text: TEXT,
    },
    { from: { ...COUNT, description: 'the first of the entries that it is about' }, to: COUNT, entry: ENTRY },
  ),
  lineSchema(
    'wal-finding',
    'wal check: one thing that is wrong',
    {
      finding: {
        oneOf: Object.entries(LOG_FINDING_KINDS).map(([kind, { means }]) => ({ const: kind, description: means })),
      },
      problem: { ...TEXT, description: 'what is wrong, and where' },
      means: { ...TEXT, description: 'what may follow from it' },
    },
    {
      segment: { ...TEXT, description: 'the name of the file' },
      offset: { ...COUNT, description: 'the byte in that file' },
      index: COUNT,
      entry: ENTRY,
      revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
      key: BYTES,
      lease: { type: 'integer' },
    },
  ),
  lineSchema('wal-check', 'wal check: the last line', {
    path: { ...TEXT, description: 'the directory of the log' },
    sound: { type: 'boolean', description: 'whether nothing was found' },
    findings: COUNT,
    damages: { ...COUNT, description: 'the findings that tell of a part that is missing or cannot be read' },
    compared: { enum: COMPARED, description: 'how much of the database was held against what the log gives' },
  }),
];
