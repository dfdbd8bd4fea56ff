// One line of mvccw replay -w json; src/output/replay/json-schema.ts describes them.

import { utf8 } from '../../bytes/byte-string.js';
import { toJson } from '../formats/json.js';
import { REPLAY_SCHEMA_VERSION } from './json-schema.js';

/** The same in pieces: `name` is a field between the others, whose JSON comes in pieces of its own. */
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

/** An object with its kind, as bytes. */
export const jsonLine = (object: object): string => `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...object }))}\n`;
