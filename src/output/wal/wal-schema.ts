// Describes what `mvccw wal -w json` prints: a line for each entry.

import { COUNT, lineSchema } from '../formats/inspection-line.js';

export const WAL_LINES = [
  lineSchema('entry', 'wal: one entry of the log', {
    index: COUNT,
    term: COUNT,
    size: COUNT,
    committed: { type: 'boolean', description: 'whether it is known to be committed' },
  }),
];
