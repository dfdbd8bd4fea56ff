// Reads scenario files.

import { formatClockSource, parseClockSource } from '../../requests/clock-source.js';
import { formatWatchersSource, parseWatchersSource } from '../../requests/watchers-source.js';
import { CheckedYaml } from './checked-yaml.js';
import { inField } from './field-error.js';
import { type Scenario, scenarioOf } from './scenario.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type { ScenarioText } from './scenario-text.js';

const SCENARIO = new CheckedYaml<ScenarioText>(SCENARIO_SCHEMA, 'the scenario');

/** Returns whether the schema allows the text. */
export function isScenarioText(text: unknown): text is ScenarioText {
  return SCENARIO.allows(text);
}

/** Returns the paths of what a scenario names, from what it says. */
interface Locate {
  database(path: string): string;
  file(path: string): string;
}

const AS_WRITTEN: Locate = { database: (path) => path, file: (path) => path };

/** Reads a scenario. `name` stands in messages. Throws USAGE. */
export function parseScenario(yaml: string, name: string, locate: Locate = AS_WRITTEN): Scenario {
  const make = (text: ScenarioText): Scenario => {
    const { database } = text.history;
    const clock = text.arrivals?.clock;
    const { watchersFrom } = text;
    return scenarioOf({
      ...text,
      ...(database !== undefined && { history: { database: locate.database(database) } }),
      ...(watchersFrom !== undefined && {
        watchersFrom: watchersFrom.map((from, i) =>
          inField(['watchersFrom', i], () => formatWatchersSource(parseWatchersSource(from, locate.file))),
        ),
      }),
      ...(clock !== undefined && {
        arrivals: {
          ...text.arrivals,
          clock: inField(['arrivals', 'clock'], () => formatClockSource(parseClockSource(clock, locate.file))),
        },
      }),
    });
  };
  return SCENARIO.read(yaml, (line) => `${name}:${line}`, make);
}
