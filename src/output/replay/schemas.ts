// Lists the JSON schemas of what mvccw reads and writes, by name.

import { SCENARIO_SCHEMA } from '../../replay/scenario/scenario-schema.js';
import { DUMP_SCHEMA } from '../dump-schema.js';
import { INSPECTION_SCHEMA } from '../inspection-schema.js';
import { REPLAY_SCHEMA } from './json-schema.js';

export interface NamedSchema {
  readonly about: string;
  readonly schema: object;
}

export const SCHEMAS: Readonly<Record<string, NamedSchema>> = {
  scenario: { about: 'scenario files, as mvccw replay and mvccw explore read them', schema: SCENARIO_SCHEMA },
  replay: { about: 'a line of what mvccw replay -w json prints', schema: REPLAY_SCHEMA },
  inspect: { about: 'a line of what the inspection commands print with -w json', schema: INSPECTION_SCHEMA },
  check: { about: 'the same as inspect', schema: INSPECTION_SCHEMA },
  dump: { about: 'a line of what mvccw dump prints and mvccw load reads', schema: DUMP_SCHEMA },
};
