// A variation of a scenario is a scenario: what is drawn for it is written into its text. Each kind of variation draws
// from numbers of its own, so that leaving one out does not change the others.
//
// What is drawn leans towards corners: full streams, small batches, and compactions that come soon after a consumer
// takes up again and end just behind the newest revision. maxWatchersPerSync is left alone: at or above it every release
// cancels compacted watchers again and again (etcd issue 22294), and nothing else would be found.

import { formatDuration, parseDuration } from '../duration.js';
import { SeededRandom } from '../random.js';
import { DEFAULT_OPTIONS } from '../replay-options.js';
import type { ActionText, ScenarioText, StreamText } from '../scenario-text.js';

/** What is known of the scenario as it is. */
export interface BaseRun {
  /** Transactions that are committed while it runs. */
  readonly commits: number;
  readonly lengthUs: number;
  /** The names of all streams that watchers are on. */
  readonly streams: readonly string[];
}

interface Drawing {
  readonly random: SeededRandom;
  readonly base: BaseRun;
}

type Vary = (text: ScenarioText, drawing: Drawing) => ScenarioText;

/** The most by which a rate becomes higher or lower. */
const MAX_FACTOR = 8;
const CHAN_BUF_LENS = [1, 1, 1, 2, 2, 3, 4, 8, 16, 32];
const BATCH_MAX_REVS = [1, 2, 3, 4, 8, 16, 64];
const MAX_STALLS = 3;
const MIN_STALL_US = 10_000;
const MAX_COMPACTIONS = 3;
const MAX_CLOSE_BEHIND = 3;
/** From when a stall ends to the compaction that is to meet what comes of it, on average. */
const AFTER_STALL_US = 50_000;
const SMALL_HISTORIES = [4, 8, 16, 32, 64];
const SMALL_CHAN_BUF_LENS = [1, 2];
const SMALL_FACTORS = [1, 1, 0.5, 0.2];
const SMALL_DRAWS = 50;
/** Of the time of a scenario's own action, when it moves only a little. */
const JITTER = 0.5;

const VARY = {
  rates: (text, { random }) => ({
    ...text,
    arrivals: {
      perSecond: scaled(perSecondOf(text), random),
      ...(random.next() < 0.5 && { poisson: true }),
    },
    ...(text.streams !== undefined && {
      streams: mapStreams(text.streams, (stream) => ({ ...stream, ...paceOf(stream, random) })),
    }),
  }),

  buffers: (text, { random }) => ({
    ...text,
    parameters: {
      ...text.parameters,
      ...(random.next() < 0.8 && { chanBufLen: random.pick(CHAN_BUF_LENS) }),
      ...(random.next() < 0.5 && { watchBatchMaxRevs: random.pick(BATCH_MAX_REVS) }),
    },
  }),

  times: (text, drawing) => ({
    ...text,
    ...(text.actions !== undefined && {
      actions: text.actions.map((action) => (action.compact === undefined ? moved(action, text, drawing) : action)),
    }),
    ...(text.streams !== undefined && {
      streams: mapStreams(text.streams, ({ disconnectAt, ...stream }) => ({
        ...stream,
        ...(disconnectAt !== undefined && {
          disconnectAt: disconnectAt.map((at) => moved({ at }, text, drawing).at),
        }),
      })),
    }),
  }),

  stalls: (text, drawing) => {
    const { random, base } = drawing;
    return withActions(text, random.between(0, MAX_STALLS), () => ({
      at: formatDuration(moment(text, drawing)),
      stall: random.pick(base.streams),
      for: formatDuration(rounded(between(MIN_STALL_US, Math.max(base.lengthUs, 2 * MIN_STALL_US), random))),
    }));
  },

  compactions: (text, drawing) => {
    const { random, base } = drawing;
    const actions = text.actions?.map((action) =>
      action.compact !== undefined ? moved(action, text, drawing) : action,
    );
    return withActions(
      { ...text, ...(actions !== undefined && { actions }) },
      random.between(1, MAX_COMPACTIONS),
      () => ({
        at: formatDuration(compactionMoment(text, drawing)),
        compact: {
          behind:
            random.next() < 0.6
              ? random.between(0, MAX_CLOSE_BEHIND)
              : Math.floor(between(1, Math.max(base.commits, 2), random)),
        },
      }),
    );
  },
} as const satisfies Readonly<Record<string, Vary>>;

export type VariationKind = keyof typeof VARY;

/** In the order they are drawn in: compactions look at stalls. */
export const VARIATION_KINDS = Object.keys(VARY) as readonly VariationKind[];

/** The variation of a seed. */
export function vary(text: ScenarioText, seed: number, kinds: ReadonlySet<VariationKind>, base: BaseRun): ScenarioText {
  let varied: ScenarioText = { ...text, seed };
  VARIATION_KINDS.forEach((kind, i) => {
    if (kinds.has(kind)) varied = VARY[kind](varied, { random: new SeededRandom(seed + i * 2 ** 32), base });
  });
  return varied;
}

/** The same scenario over less: a shorter history, small buffers, and its own actions at times that suit them. */
export function* smallerDraws(text: ScenarioText): Iterable<ScenarioText> {
  const { commits } = text.history;
  if (commits === undefined) return;
  const total = commits.reduce((sum, { repeat = 1 }) => sum + repeat, 0);
  for (const wanted of SMALL_HISTORIES.filter((size) => size < total)) {
    const cut = commits.map(({ repeat = 1, ...commit }) => ({
      ...commit,
      repeat: Math.max(Math.round((repeat * wanted) / total), 1),
    }));
    for (const chanBufLen of SMALL_CHAN_BUF_LENS) {
      for (let seed = 1; seed <= SMALL_DRAWS; seed++) {
        const random = new SeededRandom(seed);
        const perSecond = rounded(perSecondOf(text) * random.pick(SMALL_FACTORS));
        const small = {
          ...text,
          history: { commits: cut },
          arrivals: { ...text.arrivals, perSecond },
          parameters: { ...text.parameters, chanBufLen },
        };
        const lengthUs = 2 * (wanted / perSecond) * 1e6;
        yield redrawn(small, { random, base: { commits: wanted, lengthUs, streams: [] } });
      }
    }
  }
}

function redrawn(text: ScenarioText, drawing: Drawing): ScenarioText {
  const { random, base } = drawing;
  const actions = (text.actions ?? []).map((action): ActionText => {
    const at = formatDuration(moment(text, drawing));
    if (action.compact !== undefined) return { at, compact: { behind: random.between(0, MAX_CLOSE_BEHIND) } };
    if (action.stall === undefined) return { ...action, at };
    return { ...action, at, for: formatDuration(rounded(between(MIN_STALL_US, base.lengthUs, random))) };
  });
  return { ...text, actions };
}

const perSecondOf = ({ arrivals }: ScenarioText): number =>
  arrivals?.perSecond ?? DEFAULT_OPTIONS.arrivals.commitsPerSecond;

function mapStreams(
  streams: Readonly<Record<string, StreamText>>,
  change: (stream: StreamText) => StreamText,
): Record<string, StreamText> {
  return Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, change(stream)]));
}

function withActions(text: ScenarioText, count: number, draw: () => ActionText): ScenarioText {
  if (count === 0) return text;
  return { ...text, actions: [...(text.actions ?? []), ...Array.from({ length: count }, draw)] };
}

/** Three digits are enough to draw from, and can still be read. */
const rounded = (value: number): number => Number(value.toPrecision(3));

/** As often in each order of magnitude. */
const between = (low: number, high: number, random: SeededRandom): number => low * (high / low) ** random.next();

const scaled = (rate: number, random: SeededRandom): number =>
  rounded(rate * between(1 / MAX_FACTOR, MAX_FACTOR, random));

function paceOf({ consumer }: StreamText, random: SeededRandom): Pick<StreamText, 'consumer'> {
  if (consumer === undefined || typeof consumer === 'string') return {};
  if ('eventsPerSecond' in consumer) return { consumer: { eventsPerSecond: scaled(consumer.eventsPerSecond, random) } };
  const everyUs = Math.max(Math.round(scaled(parseDuration(consumer.every), random)), 1);
  return { consumer: { every: formatDuration(everyUs) } };
}

/** Half of the time while there are commits, which may be the smaller part of the run. */
function moment(text: ScenarioText, { random, base }: Drawing): number {
  const committingUs = (base.commits / perSecondOf(text)) * 1e6;
  const untilUs = random.next() < 0.5 && committingUs > 0 ? Math.min(committingUs, base.lengthUs) : base.lengthUs;
  return Math.round(rounded(random.next() * untilUs));
}

function compactionMoment(text: ScenarioText, drawing: Drawing): number {
  const { random } = drawing;
  const stalls = (text.actions ?? []).filter((action) => action.stall !== undefined);
  if (stalls.length === 0 || random.next() < 0.5) return moment(text, drawing);
  const stall = random.pick(stalls);
  const endUs = parseDuration(stall.at) + parseDuration(stall.for!);
  return Math.round(rounded(endUs + random.exponential(AFTER_STALL_US)));
}

function moved<T extends { readonly at: string }>(action: T, text: ScenarioText, drawing: Drawing): T {
  const { random } = drawing;
  const drawn = random.next();
  if (drawn < 0.25) return action;
  const us =
    drawn < 0.5
      ? moment(text, drawing)
      : Math.round(rounded(parseDuration(action.at) * (1 + JITTER * (2 * random.next() - 1))));
  return { ...action, at: formatDuration(us) };
}
