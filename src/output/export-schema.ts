// Holds the JSON schema of what `mvccw export -w json` prints: one line.

/** The version rises with each change that could break a reader of the line. A new field breaks none. */
export const EXPORT_SCHEMA_VERSION = 1;

const COUNT = { type: 'integer', minimum: 0 };

export const EXPORT_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'The line of mvccw export -w json',
  type: 'object',
  required: [
    'schema',
    'kind',
    'file',
    'database',
    'revision',
    'compactRevision',
    'records',
    'leases',
    'grantedLeases',
    'keysOfGrantedLeases',
    'sizeBytes',
    'sha256',
  ],
  properties: {
    schema: { const: EXPORT_SCHEMA_VERSION },
    kind: { const: 'export' },
    file: { type: 'string', description: 'the file that was written' },
    database: { type: 'string' },
    revision: { ...COUNT, description: 'the newest revision in the file' },
    compactRevision: {
      type: 'integer',
      minimum: -1,
      description: 'the oldest revision that can be read in the file; -1 before any compaction',
    },
    records: COUNT,
    leases: COUNT,
    grantedLeases: { ...COUNT, description: 'those among them that were gone and are granted anew' },
    keysOfGrantedLeases: { ...COUNT, description: 'the keys that name them' },
    sizeBytes: { ...COUNT, description: 'with the digest at the end' },
    sha256: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description: 'the digest at the end of the file, of all before',
    },
  },
};
