// Makes a scenario smaller as long as it still fails: it drops what can go, puts simpler things in place of others, and
// lowers and rounds numbers, until nothing more goes. Only what is simpler (complexity.ts) and what the schema allows is
// tried, so it ends; nothing is drawn, so it always ends the same.

import { crc32c } from '../../bytes/crc32c.js';
import { formatDuration } from '../run/duration.js';
import { isScenarioText } from '../scenario/parse-scenario.js';
import type { ActionText, ChangeText, CommitText, ScenarioText, StreamText } from '../scenario/scenario-text.js';
import { type Complexity, complexityOf, digitsOf, fieldOf, isSimpler, type Path, quantitiesOf } from './complexity.js';

export interface Shrunk {
  readonly text: ScenarioText;
  /** How often `stillFails` was asked. */
  readonly runs: number;
}

export interface ShrinkOptions {
  readonly maxRuns?: number;
  /** Texts that may fail too, worth a try where nothing more goes: what it takes several changes at once to get to. */
  readonly others?: (text: ScenarioText) => Iterable<ScenarioText>;
  readonly onProgress?: (runs: number, maxRuns: number) => void;
}

const MAX_RUNS = 5000;

/** Numbers that say how fast, not how many: only worth rounding. */
const RATES: ReadonlySet<string> = new Set(['perSecond', 'eventsPerSecond', 'revisionUs', 'eventUs']);
/** Of the first change in a history that a scenario writes. */
const FIRST_REVISION = 2;
/** So many, from where watchers start, are tried in place of one that is counted from the newest. */
const MAX_PLAIN_REVISIONS = 40;

type Json = unknown;

class Shrinking {
  runs = 0;
  private complexity: Complexity;
  private readonly tried = new Set<string>();

  constructor(
    public text: ScenarioText,
    private readonly stillFails: (text: ScenarioText) => boolean,
    private readonly maxRuns: number,
    private readonly onProgress: (runs: number, maxRuns: number) => void,
  ) {
    this.complexity = complexityOf(text);
  }

  /** Takes a text in place of the one there is if it is simpler and still fails. */
  attempt(text: ScenarioText): boolean {
    const complexity = complexityOf(text);
    if (this.runs >= this.maxRuns || !isSimpler(complexity, this.complexity) || !isScenarioText(text)) return false;
    // Not the text itself: there may be thousands, of a long history each.
    const mark = `${complexity.join()} ${crc32c(Buffer.from(JSON.stringify(text)))}`;
    if (this.tried.has(mark)) return false;
    this.tried.add(mark);
    this.runs++;
    this.onProgress(this.runs, this.maxRuns);
    if (!this.stillFails(text)) return false;
    this.text = text;
    this.complexity = complexity;
    return true;
  }

  attemptAt(path: Path, value: Json): boolean {
    return this.attempt(replaced(this.text, path, value) as ScenarioText);
  }
}

type Step = (shrinking: Shrinking) => void;

/** Each leaves a text that is as simple as it can make it; the ones that take most away come first. */
const STEPS: readonly Step[] = [
  (shrinking) => dropFields(shrinking, []),
  mergeCommits,
  unwrapTransactions,
  consumersNever,
  watchFromTheStart,
  plainRevisions,
  lowerCounts,
  roundAll,
];

/** `text` must fail. */
export function shrink(
  text: ScenarioText,
  stillFails: (text: ScenarioText) => boolean,
  { maxRuns = MAX_RUNS, others = () => [], onProgress = () => undefined }: ShrinkOptions = {},
): Shrunk {
  const shrinking = new Shrinking(text, stillFails, maxRuns, onProgress);
  let before: ScenarioText;
  do {
    before = shrinking.text;
    for (const step of STEPS) step(shrinking);
    if (shrinking.text === before) attemptAny(shrinking, others(before));
  } while (shrinking.text !== before);
  return { text: shrinking.text, runs: shrinking.runs };
}

function attemptAny(shrinking: Shrinking, texts: Iterable<ScenarioText>): void {
  for (const text of texts) if (shrinking.attempt(text)) return;
}

function valueAt(node: Json, path: Path): Json {
  return path.reduce<Json>((at, step) => (at as Record<string | number, Json>)[step], node);
}

/** A copy with another value at a path; undefined takes the field or item out. */
function replaced(node: Json, path: Path, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(node)) {
    const items = [...(node as Json[])];
    const item = replaced(items[Number(step)], rest, value);
    items.splice(Number(step), 1, ...(item === undefined ? [] : [item]));
    return items;
  }
  const fields = { ...(node as Record<string, Json>) };
  const field = replaced(fields[step], rest, value);
  if (field === undefined) delete fields[step];
  else fields[step] = field;
  return fields;
}

/** What is not asked to be dropped: it says which scenario this is, or, with a recorded history, what of it is read. */
function isKept(path: Path, text: ScenarioText): boolean {
  if (path.length !== 1) return false;
  const name = path[0] as string;
  return ['about', 'etcd', 'history'].includes(name) || (name === 'to' && text.history.database !== undefined);
}

/** From the whole down to its parts. */
function dropFields(shrinking: Shrinking, path: Path): void {
  const node = valueAt(shrinking.text, path);
  if (Array.isArray(node)) {
    dropItems(shrinking, path);
    const left = valueAt(shrinking.text, path) as Json[];
    for (let i = left.length - 1; i >= 0; i--) dropFields(shrinking, [...path, i]);
  } else if (typeof node === 'object' && node !== null) {
    for (const name of Object.keys(node)) {
      const below = [...path, name];
      if (isKept(below, shrinking.text) || !shrinking.attemptAt(below, undefined)) dropFields(shrinking, below);
    }
  }
}

/** Half of them at a time, then quarters, and at last each. */
function dropItems(shrinking: Shrinking, path: Path): void {
  const items = () => valueAt(shrinking.text, path) as Json[];
  for (let size = Math.ceil(items().length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < items().length; ) {
      const left = [...items().slice(0, at), ...items().slice(at + size)];
      if (!shrinking.attemptAt(path, left)) at += size;
    }
  }
}

/** Neighbours that write the same become one that repeats. */
function mergeCommits(shrinking: Shrinking): void {
  const commits = () => shrinking.text.history.commits ?? [];
  for (let i = 0; i + 1 < commits().length; ) {
    const [{ repeat: first = 1, ...one }, { repeat: second = 1, ...other }] = commits().slice(i, i + 2) as [
      CommitText,
      CommitText,
    ];
    const same = JSON.stringify(one) === JSON.stringify(other);
    const merged = [...commits().slice(0, i), { ...one, repeat: first + second }, ...commits().slice(i + 2)];
    if (!same || !shrinking.attemptAt(['history', 'commits'], merged)) i++;
  }
}

/** A transaction of one change is that change. */
function unwrapTransactions(shrinking: Shrinking): void {
  (shrinking.text.history.commits ?? []).forEach(({ txn, ...rest }, i) => {
    const [change] = txn ?? ([] as ChangeText[]);
    if (txn?.length === 1) shrinking.attemptAt(['history', 'commits', i], { ...change, ...rest });
  });
}

function consumersNever(shrinking: Shrinking): void {
  for (const [name, { consumer }] of Object.entries<StreamText>(shrinking.text.streams ?? {})) {
    if (typeof consumer === 'object') shrinking.attemptAt(['streams', name, 'consumer'], 'never');
  }
}

/** A watcher that need not come later is there from time 0. */
function watchFromTheStart(shrinking: Shrinking): void {
  for (let i = (shrinking.text.actions ?? []).length - 1; i >= 0; i--) {
    const { actions = [], watchers = [] } = shrinking.text;
    const { watch } = actions[i]!;
    if (watch === undefined) continue;
    shrinking.attempt({
      ...shrinking.text,
      watchers: [...watchers, watch],
      actions: actions.filter((_, at) => at !== i),
    });
  }
}

/** A revision says more than how far it is behind. */
function plainRevisions(shrinking: Shrinking): void {
  (shrinking.text.actions ?? []).forEach(({ compact }: ActionText, i) => {
    if (typeof compact !== 'object') return;
    const { from = FIRST_REVISION } = shrinking.text;
    for (let tried = 0; tried < MAX_PLAIN_REVISIONS; tried++) {
      if (shrinking.attemptAt(['actions', i, 'compact'], from + tried)) return;
    }
  });
}

/** Down in steps that halve. `base` and `from` of a recorded history go up: less of it is read then. */
function lowerCounts(shrinking: Shrinking): void {
  for (const { path, value, isDuration } of quantitiesOf(shrinking.text)) {
    if (isDuration || RATES.has(fieldOf(path))) continue;
    const { database } = shrinking.text.history;
    const { to = value } = shrinking.text;
    const goal = database !== undefined && (path[0] === 'base' || path[0] === 'from') ? to : 0;
    let current = value;
    for (let step = Math.abs(value - goal); step >= 1; ) {
      const next = goal > current ? current + step : current - step;
      if (shrinking.attemptAt(path, next)) current = next;
      else step = Math.floor(step / 2);
    }
  }
}

/** The simplest first: powers of ten, then what has one digit, then what is near with two or three. */
function roundAll(shrinking: Shrinking): void {
  for (const { path, value, isDuration } of quantitiesOf(shrinking.text)) {
    for (const round of roundValues(value)) {
      if (shrinking.attemptAt(path, isDuration ? formatDuration(round) : round)) break;
    }
  }
}

/** Up to twice the value. */
function roundValues(value: number): number[] {
  const values = new Set([0]);
  for (let power = 1; power <= 2 * value; power *= 10) {
    for (let digit = 1; digit <= 9; digit++) values.add(digit * power);
    if (power > value) continue;
    for (const unit of [power / 10, power / 100].filter((at) => at >= 1 || !Number.isInteger(value))) {
      values.add(Math.floor(value / unit) * unit);
      values.add(Math.ceil(value / unit) * unit);
    }
  }
  return [...values].filter((round) => round <= 2 * value).sort((a, b) => digitsOf(a) - digitsOf(b) || a - b);
}
