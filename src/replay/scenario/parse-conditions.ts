// Reads the conditions of a replay from flags. Each flag is a piece of a scenario in YAML, and the schema of that piece
// checks it. A flag overrides what the scenario says; in a list it is added.

import { MvccwError, naming } from '../../errors.js';
import { parseWatchersSource } from '../../requests/watchers-source.js';
import { CheckedYaml } from './checked-yaml.js';
import { conditionsOf } from './scenario.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type { ActionText, ConditionsText, ParametersText, StreamText } from './scenario-text.js';

/** The flags as they were typed. */
export interface ConditionFlags {
  readonly arrivals?: string;
  readonly rate?: string;
  readonly poisson?: boolean;
  readonly watchers: readonly string[];
  readonly etcdPrefix?: string;
  readonly stream: readonly string[];
  readonly action: readonly string[];
  readonly cost?: string;
  readonly until?: string;
  readonly maxLag?: string;
  readonly maxDelay?: string;
  readonly maxMemory?: string;
  readonly chanBufLen?: string;
  readonly maxWatchersPerSync?: string;
  readonly watchBatchMaxRevs?: string;
  readonly resyncPeriod?: string;
  readonly victimRetry?: string;
}

const { arrivals, streams, actions, parameters, cost, until, limits } = SCENARIO_SCHEMA.properties;
const { additionalProperties: STREAM } = streams;

/** A stream as a flag gives it. In a scenario a stream stands under its name; here the name is a field. */
const NAMED_STREAM = {
  ...STREAM,
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1 }, ...STREAM.properties },
};

type NamedStreamText = StreamText & { readonly name: string };

/** Returns the conditions of a scenario with those of the flags. Throws USAGE, with the flag's name. */
export function withConditions(flags: ConditionFlags, scenario: ConditionsText = {}): ConditionsText {
  const streamTexts = flags.stream.map((yaml) => parseFlag<NamedStreamText>('--stream', yaml, NAMED_STREAM));
  const actionTexts = flags.action.map((yaml) => {
    const action = parseFlag<ActionText>('--action', yaml, actions.items);
    naming('--action', () => conditionsOf({ actions: [action] }));
    return action;
  });
  return {
    ...scenario,
    ...arrivalsOf(flags, scenario),
    ...watchersOf(flags, scenario),
    streams: {
      ...scenario.streams,
      ...Object.fromEntries(streamTexts.map(({ name, ...stream }) => [name, stream])),
    },
    actions: [...(scenario.actions ?? []), ...actionTexts],
    parameters: { ...scenario.parameters, ...parametersOf(flags) },
    ...(flags.cost !== undefined && {
      cost: parseFlag<NonNullable<ConditionsText['cost']>>('--cost', flags.cost, cost),
    }),
    ...(flags.until !== undefined && { until: parseFlag<string>('--until', flags.until, until) }),
    ...withLimits(flags, scenario),
  };
}

function watchersOf({ watchers, etcdPrefix }: ConditionFlags, scenario: ConditionsText): ConditionsText {
  for (const one of watchers) naming('--watchers', () => parseWatchersSource(one));
  return {
    ...(watchers.length > 0 && { watchersFrom: [...(scenario.watchersFrom ?? []), ...watchers] }),
    ...(etcdPrefix !== undefined && { etcdPrefix }),
  };
}

/** The words of --arrivals that name no clock. */
const PACES = ['rate', 'poisson'];

function arrivalsOf(flags: ConditionFlags, scenario: ConditionsText): Pick<ConditionsText, 'arrivals'> {
  const { arrivals: how, rate } = flags;
  if (how === undefined && rate === undefined && flags.poisson === undefined) return {};
  if (how !== undefined && !PACES.includes(how)) {
    if (rate === undefined && flags.poisson === undefined) return { arrivals: { clock: how } };
    throw new MvccwError('USAGE', `--arrivals ${how} says when commits come, and \`--rate\` and \`--poisson\` do too`);
  }
  const { clock: _, ...pace } = scenario.arrivals ?? {};
  const poisson = how === undefined ? flags.poisson : how === 'poisson' || flags.poisson === true;
  return {
    arrivals: {
      ...pace,
      ...(rate !== undefined && { perSecond: parseFlag<number>('--rate', rate, arrivals.properties.perSecond) }),
      ...(poisson !== undefined && { poisson }),
    },
  };
}

const PARAMETER_FLAGS: readonly (readonly [name: keyof ParametersText & keyof ConditionFlags, flag: string])[] = [
  ['chanBufLen', '--chan-buf-len'],
  ['maxWatchersPerSync', '--max-watchers-per-sync'],
  ['watchBatchMaxRevs', '--watch-batch-max-revs'],
  ['resyncPeriod', '--resync-period'],
  ['victimRetry', '--victim-retry'],
];

function parametersOf(flags: ConditionFlags): ParametersText {
  let given: ParametersText = {};
  for (const [name, flag] of PARAMETER_FLAGS) {
    const typed = flags[name];
    if (typed === undefined) continue;
    const parameter = { [name]: parseFlag(flag, typed, parameters.properties[name]) };
    naming(flag, () => conditionsOf({ parameters: parameter }));
    given = { ...given, ...parameter };
  }
  return given;
}

/** Returns the limits of the flags, which override those of the scenario. */
export function withLimits(
  { maxLag, maxDelay, maxMemory }: Pick<ConditionFlags, 'maxLag' | 'maxDelay' | 'maxMemory'>,
  scenario: ConditionsText,
): Pick<ConditionsText, 'limits'> {
  if (maxLag === undefined && maxDelay === undefined && maxMemory === undefined) return {};
  const { lag, delay, memory } = limits.properties;
  return {
    limits: {
      ...scenario.limits,
      ...(maxLag !== undefined && { lag: parseFlag<number>('--max-lag', maxLag, lag) }),
      ...(maxDelay !== undefined && { delay: parseFlag<string>('--max-delay', maxDelay, delay) }),
      ...(maxMemory !== undefined && { memory: parseFlag<string>('--max-memory', maxMemory, memory) }),
    },
  };
}

function parseFlag<T>(flag: string, yaml: string, schema: object): T {
  return new CheckedYaml<T>(schema, JSON.stringify(yaml)).parse(yaml, () => flag);
}
