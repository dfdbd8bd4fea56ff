// Lists the JSON schemas of what mvccw reads and writes, by name.

import { SCENARIO_SCHEMA } from '../../replay/scenario/scenario-schema.js';
import { CHECK_SCHEMA } from '../check-schema.js';
import { REPLAY_SCHEMA } from './json-schema.js';

export interface NamedSchema {
  readonly about: string;
  readonly schema: object;
}

export const SCHEMAS: Readonly<Record<string, NamedSchema>> = {
  scenario: { about: 'scenario files, as mvccw replay and mvccw explore read them', schema: SCENARIO_SCHEMA },
  replay: { about: 'a line of what mvccw replay -w json prints', schema: REPLAY_SCHEMA },
  check: { about: 'a line of what mvccw check -w json prints', schema: CHECK_SCHEMA },
};
