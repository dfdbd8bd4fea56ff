// Makes a scenario smaller as long as it still fails: drops fields and items, puts simpler ones in place of others, and
// lowers and rounds numbers, until no change is left. It ends, since it tries only texts that are simpler
// (complexity.ts) and that the schema allows; it always ends the same, since nothing is drawn.

import { crc32c } from '../../bytes/crc32c.js';
import { formatDuration } from '../run/duration.js';
import { isScenarioText } from '../scenario/parse-scenario.js';
import type { ActionText, ChangeText, CommitText, ScenarioText, StreamText } from '../scenario/scenario-text.js';
import { type Complexity, complexityOf, digitsOf, fieldOf, isSimpler, type Path, quantitiesOf } from './complexity.js';

interface Shrunk {
  readonly text: ScenarioText;
  /** The number of times that `stillFails` was asked. */
  readonly runs: number;
}

interface ShrinkOptions {
  readonly maxRuns?: number;
  /** Returns texts that need several changes at once and may fail too. They are tried when no single change is left. */
  readonly others?: (text: ScenarioText) => Iterable<ScenarioText>;
  readonly onProgress?: (runs: number, maxRuns: number) => void;
}

const MAX_RUNS = 5000;

/** The fields that hold a rate and not a count: they are only rounded. */
const RATES: ReadonlySet<string> = new Set(['perSecond', 'eventsPerSecond', 'revisionUs', 'eventUs']);
/** The revision of the first change in a history that a scenario writes. */
const FIRST_REVISION = 2;
/** So many revisions, from where watchers start, are tried in place of a distance from the newest one. */
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

  /** Takes a text in place of the current one if it is simpler and still fails. */
  attempt(text: ScenarioText): boolean {
    const complexity = complexityOf(text);
    if (this.runs >= this.maxRuns || !isSimpler(complexity, this.complexity) || !isScenarioText(text)) return false;
    // Holds no texts: there may be thousands, each with a long history.
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

/** The ways to make a text smaller. Each goes as far as it can; those that take most away come first. */
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

/** Makes a failing text as small as it can be. */
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

/** Returns a copy with another value at a path; undefined removes the field or item. */
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

/** Returns whether a field is never dropped: it says which scenario this is, or what is read of a recorded history. */
function isKept(path: Path, text: ScenarioText): boolean {
  if (path.length !== 1) return false;
  const name = path[0] as string;
  return ['about', 'etcd', 'history'].includes(name) || (name === 'to' && text.history.database !== undefined);
}

/** Drops fields and items, from the whole down to its parts. */
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

/** Drops half of the items at a time, then quarters, and at last each. */
function dropItems(shrinking: Shrinking, path: Path): void {
  const items = () => valueAt(shrinking.text, path) as Json[];
  for (let size = Math.ceil(items().length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < items().length; ) {
      const left = [...items().slice(0, at), ...items().slice(at + size)];
      if (!shrinking.attemptAt(path, left)) at += size;
    }
  }
}

/** Makes one commit that repeats of neighbours that write the same. */
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

/** Makes a plain change of a transaction with one change. */
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

/** Lets a watcher that need not come later be there from time 0. */
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

/** Replaces a distance from the newest revision by a revision, which says more. */
function plainRevisions(shrinking: Shrinking): void {
  (shrinking.text.actions ?? []).forEach(({ compact }: ActionText, i) => {
    if (typeof compact !== 'object') return;
    const { from = FIRST_REVISION } = shrinking.text;
    for (let tried = 0; tried < MAX_PLAIN_REVISIONS; tried++) {
      if (shrinking.attemptAt(['actions', i, 'compact'], from + tried)) return;
    }
  });
}

/** Lowers numbers in steps that halve. `base` and `from` of a recorded history go up, as less of it is read then. */
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

/**
 * Rounds numbers. It tries the simplest first: powers of ten, then those of one digit, then near ones of two or three.
 */
function roundAll(shrinking: Shrinking): void {
  for (const { path, value, isDuration } of quantitiesOf(shrinking.text)) {
    for (const round of roundValues(value)) {
      if (shrinking.attemptAt(path, isDuration ? formatDuration(round) : round)) break;
    }
  }
}

/** Returns the rounder numbers up to twice the value, in the order in which they are tried. */
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
