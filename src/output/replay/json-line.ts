// One line of mvccw replay -w json; src/output/replay/json-schema.ts describes them.

import { toJson } from '../json.js';
import { utf8 } from '../writer.js';
import { REPLAY_SCHEMA_VERSION } from './json-schema.js';

/** An object with its kind, as bytes. */
export const jsonLine = (object: object): string => `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...object }))}\n`;
