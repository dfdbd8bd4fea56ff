// Describes the lines of `mvccw salvage -w json`: one for each thing that is damaged, lost or decided, and a last one.

import { LOSS_KINDS } from '../inspect/salvage/loss.js';

/** The version rises with each change that could break a reader of the lines. A new field breaks none. */
export const SALVAGE_SCHEMA_VERSION = 1;

const COUNT = { type: 'integer', minimum: 0 };
const REVISION = { type: 'integer', minimum: -1 };
const TEXT = { type: 'string' };

export const SALVAGE_LINES = [
  {
    description: 'something that is damaged or lost, or what was decided about it',
    type: 'object',
    required: ['schema', 'kind', 'loss', 'problem', 'means', 'lost'],
    properties: {
      schema: { const: SALVAGE_SCHEMA_VERSION },
      kind: { const: 'loss' },
      loss: { enum: Object.keys(LOSS_KINDS) },
      problem: { ...TEXT, description: 'what it is, and where' },
      means: TEXT,
      lost: {
        type: 'boolean',
        description: 'whether something is lost, or may be; what damage loses is told of its own',
      },
      page: COUNT,
      offset: { ...COUNT, description: 'the byte in the file' },
      revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
      from: { ...COUNT, description: 'the first revision' },
      to: { ...COUNT, description: 'the last revision' },
      key: { type: 'string', contentEncoding: 'base64' },
      lease: { type: 'integer' },
    },
  },
  {
    description: 'what a salvage came to',
    type: 'object',
    required: ['schema', 'kind', 'path', 'database', 'complete', 'losses', 'intact', 'records', 'leases', 'currentRev'],
    properties: {
      schema: { const: SALVAGE_SCHEMA_VERSION },
      kind: { const: 'salvage' },
      path: TEXT,
      database: TEXT,
      complete: { type: 'boolean', description: 'whether nothing is lost' },
      losses: COUNT,
      intact: { ...COUNT, description: 'the number of changes of which an intact record was found' },
      records: { ...COUNT, description: 'the number of them in the database' },
      leases: COUNT,
      currentRev: REVISION,
      compactRev: REVISION,
      fileCompactRev: { ...REVISION, description: 'the compact revision of the file, as far as it is known' },
      digest: { enum: ['ok', 'wrong', 'absent'] },
      doubts: { type: 'array', items: TEXT, description: 'what readers of the database are told' },
    },
  },
];
