// Makes the lines of mvccw replay -w json, which src/output/replay/json-schema.ts describes.

import { utf8 } from '../../bytes/byte-string.js';
import { toJson } from '../formats/json.js';
import { REPLAY_SCHEMA_VERSION } from './schema-parts.js';

/** Yields an object's line in pieces. The JSON of the field `name`, between the others, comes in pieces of its own. */
export function* jsonLineWith(
  before: object,
  name: string,
  pieces: Iterable<string>,
  behind: object,
): Iterable<string> {
  yield `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...before }).slice(0, -1))},"${name}":`;
  yield* pieces;
  const rest = utf8(toJson(behind).slice(1));
  yield rest === '}' ? '}\n' : `,${rest}\n`;
}

/** Returns the line of an object, which has its kind, as a byte string. */
export const jsonLine = (object: object): string => `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...object }))}\n`;
