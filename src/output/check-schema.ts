// Holds the JSON schema of what `mvccw check -w json` prints: a line for each finding, and one for the whole.

import { FINDING_KINDS } from '../inspect/check/finding.js';
import { TABLE_NAMES } from '../mvcc/backend.js';

/** The version rises with each change that could break a reader of the lines. A new field breaks none. */
export const CHECK_SCHEMA_VERSION = 1;

const COUNT = { type: 'integer', minimum: 0 };
const BYTES = { type: 'string', contentEncoding: 'base64' };
const TEXTS = { type: 'array', items: { type: 'string' } };

export const CHECK_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A line of mvccw check -w json',
  oneOf: [
    {
      description: 'one thing that is wrong',
      type: 'object',
      required: ['schema', 'kind', 'finding', 'problem', 'means'],
      properties: {
        schema: { const: CHECK_SCHEMA_VERSION },
        kind: { const: 'finding' },
        finding: { enum: Object.keys(FINDING_KINDS) },
        problem: { type: 'string', description: 'what is wrong, and where' },
        means: { type: 'string', description: 'what may follow from it' },
        repair: { type: 'string', description: 'what check --repair does about it; absent if it can do nothing' },
        page: COUNT,
        offset: {
          ...COUNT,
          description: 'the byte in the file at which the damage of the page is, or the page begins',
        },
        table: { enum: TABLE_NAMES },
        entry: { ...BYTES, description: 'the key of the entry in its table' },
        revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
        key: BYTES,
        lease: { type: 'integer' },
        file: { type: 'string', description: "a name in the database's directory" },
      },
    },
    {
      description: 'the last line',
      type: 'object',
      required: ['schema', 'kind', 'path', 'sound', 'complete', 'findings', 'repairable', 'checked'],
      properties: {
        schema: { const: CHECK_SCHEMA_VERSION },
        kind: { const: 'check' },
        path: { type: 'string' },
        sound: { type: 'boolean', description: 'whether all was checked and nothing found, or all of it was repaired' },
        complete: { type: 'boolean', description: 'whether all was checked; damage may hide what lies behind it' },
        findings: COUNT,
        repairable: { ...COUNT, description: 'the number of findings that check --repair mends' },
        checked: TEXTS,
        repaired: { ...TEXTS, description: 'with --repair: what was done; empty if nothing was changed' },
      },
    },
  ],
};
