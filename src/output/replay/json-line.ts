// One line of mvccw replay -w json; src/output/replay/json-schema.ts describes them.

import { utf8 } from '../../mvcc/byte-string.js';
import { toJson } from '../json.js';
import { REPLAY_SCHEMA_VERSION } from './json-schema.js';

/** An object with its kind, as bytes. */
export const jsonLine = (object: object): string => `${utf8(toJson({ schema: REPLAY_SCHEMA_VERSION, ...object }))}\n`;
