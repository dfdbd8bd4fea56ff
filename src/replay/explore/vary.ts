// Draws variations of a scenario. A variation is a scenario too: what is drawn is written into its text. Each kind of
// variation draws from numbers of its own, so that leaving a kind out does not change the others.
//
// The draws lean towards corners: full streams, small batches, and compactions soon after a consumer goes on that end
// just behind the newest revision. maxWatchersPerSync is not varied: at or above it every release cancels compacted
// watchers again and again (etcd issue 22294), and nothing else would be found.

import { formatDuration, parseDuration } from '../run/duration.js';
import { SeededRandom } from '../run/random.js';
import type { ActionText, ScenarioText, StreamText } from '../scenario/scenario-text.js';
import { MIN_PER_SECOND } from '../scenario/scenario-values.js';
import {
  type BaseRun,
  between,
  closeBehind,
  compactionMomentUs,
  type Drawing,
  momentUs,
  perSecondOf,
  rounded,
  stallUs,
} from './draw.js';

type Vary = (text: ScenarioText, drawing: Drawing) => ScenarioText;

/** The most by which a rate becomes higher or lower. */
const MAX_FACTOR = 8;
const CHAN_BUF_LENS = [1, 1, 1, 2, 2, 3, 4, 8, 16, 32];
const BATCH_MAX_REVS = [1, 2, 3, 4, 8, 16, 64];
const MAX_STALLS = 3;
const MAX_COMPACTIONS = 3;
/** The part of a time by which it moves at most when it moves only a little. */
const JITTER = 0.5;

const VARY = {
  rates: (text, { random }) => ({
    ...text,
    arrivals: {
      perSecond: scaledRate(perSecondOf(text), random),
      ...(random.next() < 0.5 && { poisson: true }),
    },
    ...mapStreams(text, (stream) => ({ ...stream, ...paceOf(stream, random) })),
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
    ...moveActions(text, drawing, ({ compact }) => compact === undefined),
    ...mapStreams(text, ({ disconnectAt, ...stream }) => ({
      ...stream,
      ...(disconnectAt !== undefined && { disconnectAt: disconnectAt.map((at) => movedTime(at, text, drawing)) }),
    })),
  }),

  stalls: (text, drawing) =>
    addActions(text, drawing.random.between(0, MAX_STALLS), () => ({
      at: formatDuration(momentUs(text, drawing)),
      stall: drawing.random.pick(drawing.base.streams),
      for: formatDuration(stallUs(drawing)),
    })),

  compactions: (text, drawing) => {
    const { random, base } = drawing;
    const moved = moveActions(text, drawing, ({ compact }) => compact !== undefined);
    return addActions(moved, random.between(1, MAX_COMPACTIONS), () => ({
      at: formatDuration(compactionMomentUs(moved, drawing)),
      compact:
        random.next() < 0.6
          ? closeBehind(drawing)
          : { behind: Math.floor(between(1, Math.max(base.commits, 2), random)) },
    }));
  },
} as const satisfies Readonly<Record<string, Vary>>;

export type VariationKind = keyof typeof VARY;

/** The kinds in the order in which they are drawn: compactions look at stalls. */
export const VARIATION_KINDS = Object.keys(VARY) as readonly VariationKind[];

/** Returns the variation of a seed. */
export function vary(text: ScenarioText, seed: number, kinds: ReadonlySet<VariationKind>, base: BaseRun): ScenarioText {
  let varied: ScenarioText = { ...text, seed };
  VARIATION_KINDS.forEach((kind, i) => {
    if (kinds.has(kind)) varied = VARY[kind](varied, { random: new SeededRandom(seed + i * 2 ** 32), base });
  });
  return varied;
}

function mapStreams(
  { streams }: ScenarioText,
  change: (stream: StreamText) => StreamText,
): Pick<ScenarioText, 'streams'> {
  if (streams === undefined) return {};
  return { streams: Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, change(stream)])) };
}

function addActions(text: ScenarioText, count: number, draw: () => ActionText): ScenarioText {
  if (count === 0) return text;
  return { ...text, actions: [...(text.actions ?? []), ...Array.from({ length: count }, draw)] };
}

function moveActions(text: ScenarioText, drawing: Drawing, moves: (action: ActionText) => boolean): ScenarioText {
  const { actions } = text;
  if (actions === undefined) return text;
  return {
    ...text,
    actions: actions.map((action) => (moves(action) ? { ...action, at: movedTime(action.at, text, drawing) } : action)),
  };
}

const scaled = (rate: number, random: SeededRandom): number =>
  rounded(rate * between(1 / MAX_FACTOR, MAX_FACTOR, random));

const scaledRate = (rate: number, random: SeededRandom): number => Math.max(scaled(rate, random), MIN_PER_SECOND);

function paceOf({ consumer }: StreamText, random: SeededRandom): Pick<StreamText, 'consumer'> {
  if (consumer === undefined || typeof consumer === 'string') return {};
  if ('eventsPerSecond' in consumer) {
    return { consumer: { eventsPerSecond: scaledRate(consumer.eventsPerSecond, random) } };
  }
  const everyUs = Math.max(Math.round(scaled(parseDuration(consumer.every), random)), 1);
  return { consumer: { every: formatDuration(everyUs) } };
}

/** Draws another moment for a time: at times the same one, else any, or one a little sooner or later. */
function movedTime(at: string, text: ScenarioText, drawing: Drawing): string {
  const { random } = drawing;
  const drawn = random.next();
  if (drawn < 0.25) return at;
  if (drawn < 0.5) return formatDuration(momentUs(text, drawing));
  const factor = 1 + JITTER * (2 * random.next() - 1);
  return formatDuration(Math.round(rounded(parseDuration(at) * factor)));
}
