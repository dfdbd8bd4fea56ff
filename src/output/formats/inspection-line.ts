// The JSON lines of the inspection commands have one form: the version of the format, what kind of line it is, and its
// fields. This file writes such lines and describes them in JSON schema.

import { utf8 } from '../../bytes/byte-string.js';
import { toJson } from './json.js';

/** The version rises with each change that could break a reader of the lines. A new field or kind breaks none. */
const INSPECTION_VERSION = 1;

/** Returns a line. Buffers become base64; fields that are undefined are left out. */
export function inspectionLine(kind: string, fields: object): string {
  return utf8(`${toJson({ schema: INSPECTION_VERSION, kind, ...fields })}\n`);
}

/** What the schemas of lines are made of. */
export const COUNT = { type: 'integer', minimum: 0 };
export const BYTES = { type: 'string', contentEncoding: 'base64' };
export const TEXT = { type: 'string' };
export const TEXTS = { type: 'array', items: TEXT };

type Properties = Readonly<Record<string, object>>;

/** Returns the schema of the lines of a kind, from the fields that all of them have and those that some have. */
export function lineSchema(kind: string, description: string, always: Properties, sometimes: Properties = {}): object {
  return {
    description,
    type: 'object',
    required: ['schema', 'kind', ...Object.keys(always)],
    properties: { schema: { const: INSPECTION_VERSION }, kind: { const: kind }, ...always, ...sometimes },
  };
}
