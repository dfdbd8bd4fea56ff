// One line of mvccw replay -w json; src/output/replay/json-schema.ts describes them.

import { utf8 } from '../../bytes/byte-string.js';
import { toJson } from '../formats/json.js';
import { REPLAY_SCHEMA_VERSION } from './json-schema.js';

/** An object with its kind, as bytes. */
export const jsonLine = (object: object): string => `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...object }))}\n`;
