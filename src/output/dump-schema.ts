// Holds the JSON schema of the lines of a dump, which `mvccw dump` prints and `mvccw load` reads.

import { DUMP_SCHEMA_VERSION } from '../inspect/dump/dump-line.js';
import { DECODED_SCHEMA } from './kube/decoded-schema.js';

const COUNT = { type: 'integer', minimum: 0 };
const BYTES = { type: 'string', contentEncoding: 'base64' };
const TEXT = { type: 'string' };
const FLAG = { type: 'boolean' };
const TIME = { type: 'number', minimum: 0 };

/** Returns the schema of a line. Fields whose names end in `?` may be missing. */
function lineSchema(kind: string, description: string, fields: Readonly<Record<string, object>>): object {
  const entries = Object.entries(fields);
  return {
    description,
    type: 'object',
    required: ['schema', 'kind', ...entries.map(([name]) => name).filter((name) => !name.endsWith('?'))],
    properties: {
      schema: { const: DUMP_SCHEMA_VERSION },
      kind: { const: kind },
      ...Object.fromEntries(entries.map(([name, schema]) => [name.replace('?', ''), schema])),
    },
    additionalProperties: false,
  };
}

/** A record as a line. */
const RECORD_LINE_SCHEMA = lineSchema('record', 'one change, in order of revisions', {
  revision: {
    type: 'object',
    required: ['main', 'sub'],
    properties: { main: COUNT, sub: COUNT },
    additionalProperties: false,
  },
  type: { enum: ['PUT', 'DELETE', 'EMPTY'], description: 'EMPTY: the record of a bumped revision, which has no key' },
  'tombstone?': { const: true, description: 'of an empty record that is marked as a deletion' },
  'key?': BYTES,
  'createRevision?': COUNT,
  'version?': COUNT,
  'value?': BYTES,
  'lease?': { type: 'integer' },
  'decoded?': DECODED_SCHEMA,
});

export const DUMP_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A line of mvccw dump',
  oneOf: [
    lineSchema('dump', 'the first line', {
      from: { ...TEXT, description: 'the path of the database' },
      'importedFrom?': { ...TEXT, description: 'the etcd file that it is, or was imported from' },
      'etcdVersion?': TEXT,
      'doubts?': { ...TEXT, description: 'why the answers of a salvaged database may not be all of the truth' },
      currentRev: COUNT,
      compactRev: { type: 'integer', minimum: -1, description: '-1 before any compaction' },
      'scheduledCompactRev?': COUNT,
      'finishedCompactRev?': COUNT,
      'leaseClockMs?': { ...TIME, description: 'the latest time at which a deadline was set' },
    }),
    lineSchema('lease', 'a lease', {
      id: { type: 'integer' },
      ttlSeconds: COUNT,
      'remainingTtlSeconds?': COUNT,
      'deadlineMs?': { ...TIME, description: 'ms since 1970; absent if its time does not run, as in an etcd file' },
    }),
    lineSchema('watcher', 'a registered watcher', {
      name: TEXT,
      key: BYTES,
      'rangeEnd?': { ...BYTES, description: 'absent for one key; a zero byte is no end' },
      'startRev?': { type: 'integer' },
      filters: { type: 'array', items: { enum: ['noput', 'nodelete'] } },
      prevKv: FLAG,
      'progressNotify?': FLAG,
      'fragment?': FLAG,
      'stream?': TEXT,
    }),
    RECORD_LINE_SCHEMA,
    lineSchema('end', 'the last line', {
      records: COUNT,
      leases: COUNT,
      watchers: COUNT,
      hash: { ...COUNT, description: 'hashKV at currentRev' },
      sum: {
        ...COUNT,
        description: 'CRC-32C over all lines before, as dump writes them, with their newlines left out',
      },
    }),
  ],
};
