// Describes the one line of `mvccw export -w json`.

import { COUNT, lineSchema, TEXT } from './formats/inspection-line.js';

export const EXPORT_LINES = [
  lineSchema('export', 'export: what was written', {
    file: { ...TEXT, description: 'the file that was written' },
    database: TEXT,
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
    sha256: { ...TEXT, pattern: '^[0-9a-f]{64}$', description: 'the digest at the end of the file, of all before' },
  }),
];
