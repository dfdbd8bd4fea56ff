// The JSON schemas of what mvccw reads and writes, by name.

import { SCENARIO_SCHEMA } from './scenario-schema.js';

export interface NamedSchema {
  readonly about: string;
  readonly schema: object;
}

export const SCHEMAS: Readonly<Record<string, NamedSchema>> = {
  scenario: { about: 'scenario files, as mvccw replay and mvccw explore read them', schema: SCENARIO_SCHEMA },
};
