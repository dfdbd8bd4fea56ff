// Reads scenario files.

import { CheckedYaml } from './checked-yaml.js';
import { type Scenario, scenarioOf } from './scenario.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type { ScenarioText } from './scenario-text.js';

const SCENARIO = new CheckedYaml<ScenarioText>(SCENARIO_SCHEMA, 'the scenario');

/** Returns whether the schema allows the text. */
export function isScenarioText(text: unknown): text is ScenarioText {
  return SCENARIO.allows(text);
}

/**
 * Reads a scenario. `name` stands in messages; `locate` returns the path of its database from what the scenario says.
 * Throws USAGE.
 */
export function parseScenario(yaml: string, name: string, locate = (path: string): string => path): Scenario {
  const make = (text: ScenarioText): Scenario => {
    const { database } = text.history;
    return scenarioOf(database === undefined ? text : { ...text, history: { database: locate(database) } });
  };
  return SCENARIO.read(yaml, (line) => `${name}:${line}`, make);
}
