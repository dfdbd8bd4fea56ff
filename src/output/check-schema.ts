// Describes what `mvccw check -w json` prints: a line for each finding, and one for the whole or for a digest.

import { FINDING_KINDS } from '../inspect/check/finding.js';
import { TABLE_NAMES } from '../mvcc/backend.js';
import { BYTES, COUNT, lineSchema, TEXT, TEXTS } from './formats/inspection-line.js';

export const CHECK_LINES = [
  lineSchema(
    'finding',
    'check: one thing that is wrong',
    {
      finding: {
        oneOf: Object.entries(FINDING_KINDS).map(([kind, { means }]) => ({ const: kind, description: means })),
      },
      problem: { ...TEXT, description: 'what is wrong, and where' },
      means: { ...TEXT, description: 'what may follow from it' },
    },
    {
      repair: { ...TEXT, description: 'what check --repair does about it; absent if it can do nothing' },
      page: COUNT,
      offset: {
        ...COUNT,
        description: 'the byte in the file at which the damage of the page is, or the page begins',
      },
      table: { enum: TABLE_NAMES },
      bucket: { ...TEXT, description: 'the bucket of an etcd file; one within another has its name behind a slash' },
      entry: { ...BYTES, description: 'the key of the entry in its table' },
      revision: { type: 'object', required: ['main', 'sub'], properties: { main: COUNT, sub: COUNT } },
      key: BYTES,
      lease: { type: 'integer' },
      file: { ...TEXT, description: "a name in the database's directory" },
    },
  ),
  lineSchema(
    'kubeDigest',
    'check --kube-digest: the last line',
    {
      prefix: BYTES,
      resourceVersion: COUNT,
      objects: COUNT,
      encrypted: { ...COUNT, description: 'the objects whose namespaces and names are taken from their keys' },
    },
    {
      etcdDigest: { ...TEXT, description: 'absent: some of it cannot be read, so an apiserver cannot list it' },
      cacheDigest: { ...TEXT, description: 'of a watch cache that is filled from this list' },
    },
  ),
  lineSchema(
    'check',
    'check: the last line',
    {
      path: TEXT,
      sound: { type: 'boolean', description: 'whether all was checked and nothing found, or all of it was repaired' },
      complete: { type: 'boolean', description: 'whether all was checked; damage may hide what lies behind it' },
      findings: COUNT,
      repairable: { ...COUNT, description: 'the number of findings that check --repair mends' },
      checked: TEXTS,
    },
    { repaired: { ...TEXTS, description: 'with --repair: what was done; empty if nothing was changed' } },
  ),
];
