// What changed in a value, as JSON, and the schema of that.

import { COUNT, TEXT } from '../formats/inspection-line.js';
import { countsOf } from './change-text.js';
import type { ValueChange } from './value-change.js';

/** Returns what changed; without `detail`, only how much. */
export function changeJson(change: ValueChange, detail: boolean): object {
  if (change.by !== 'fields' && change.by !== 'lines') return change;
  const counts = { by: change.by, ...countsOf(change) };
  if (!detail) return counts;
  if (change.by === 'fields') return { ...counts, fields: change.fields };
  return { ...counts, lines: change.parts.filter(({ is }) => is !== 'kept') };
}

const LINE = {
  type: 'object',
  required: ['is', 'text'],
  properties: { is: { enum: ['added', 'removed'] }, text: TEXT },
};

const FIELD = {
  type: 'object',
  required: ['path'],
  properties: {
    path: TEXT,
    before: { ...TEXT, description: 'absent: the field was not there' },
    after: { ...TEXT, description: 'absent: the field is not there any more' },
  },
};

const DIGEST = {
  oneOf: [
    { type: 'object', required: ['size', 'sha256'], properties: { what: TEXT, size: COUNT, sha256: TEXT } },
    { ...TEXT, description: 'what may be told of a secret' },
  ],
};

export const CHANGE_SCHEMA = {
  type: 'object',
  required: ['by'],
  properties: {
    by: { enum: ['nothing', 'fields', 'lines', 'bytes', 'values'], description: 'what the values were compared by' },
    added: COUNT,
    removed: COUNT,
    fields: { type: 'array', items: FIELD, description: 'left out with --stat' },
    lines: { type: 'array', items: LINE, description: 'left out with --stat' },
    before: DIGEST,
    after: DIGEST,
  },
};
