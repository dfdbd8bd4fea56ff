// How much there is to read and to run in a scenario: what a smaller one is measured by.

import { DURATION_PATTERN, parseDuration } from '../run/duration.js';
import { SCENARIO_SCHEMA } from '../scenario/scenario-schema.js';
import type { CommitText, ScenarioText } from '../scenario/scenario-text.js';

/** Compared number by number; the first that differs decides. */
export type Complexity = readonly [
  /** Changes in the history; of a recorded one, the revisions that are replayed. */
  changes: number,
  /** Fields and items. */
  parts: number,
  /** Digits of numbers and times; a power of ten has none. */
  digits: number,
  /** The sum of them all. */
  size: number,
];

interface SchemaPart {
  readonly pattern?: string;
  readonly items?: { readonly pattern?: string };
}

const isTime = ({ pattern, items }: SchemaPart): boolean => (pattern ?? items?.pattern) === DURATION_PATTERN;

/** The names of the fields that hold a time, or a list of times, in a schema. */
function timeFields(schema: object): string[] {
  return Object.entries(schema).flatMap(([name, part]: [string, unknown]) => {
    if (typeof part !== 'object' || part === null) return [];
    return isTime(part) ? [name] : timeFields(part);
  });
}

/** What says when something happens or how long it takes. */
const DURATIONS: ReadonlySet<string> = new Set(timeFields(SCENARIO_SCHEMA));

/** Of no weight: they say which scenario it is, and what is wrong with it. */
const IDENTITY: ReadonlySet<string> = new Set(['about', 'etcd', 'seed', 'limits']);

/** A place in a text: the names of fields and the numbers of items that lead there. */
export type Path = readonly (string | number)[];

export interface Quantity {
  readonly path: Path;
  /** Of a time, in µs. */
  readonly value: number;
  readonly isDuration: boolean;
}

/** The name of the field that a path leads to, or to an item of. */
export const fieldOf = (path: Path): string => path.findLast((step) => typeof step === 'string') ?? '';

type Visit = (path: Path, node: unknown) => void;

/** Each field and item, the ones above first. */
function visitParts(node: unknown, visit: Visit, path: Path = []): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (path.length === 0 && IDENTITY.has(name)) continue;
    const below = [...path, Array.isArray(node) ? Number(name) : name];
    visit(below, value);
    visitParts(value, visit, below);
  }
}

/** All numbers and times. */
export function quantitiesOf(text: ScenarioText): Quantity[] {
  const quantities: Quantity[] = [];
  visitParts(text, (path, node) => {
    if (typeof node === 'number') quantities.push({ path, value: node, isDuration: false });
    if (typeof node === 'string' && DURATIONS.has(fieldOf(path))) {
      quantities.push({ path, value: parseDuration(node), isDuration: true });
    }
  });
  return quantities;
}

/** Significant digits; none where there is a single 1. */
export function digitsOf(value: number): number {
  const digits = String(value)
    .replace(/e.*$/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '');
  return digits === '1' ? 0 : digits.length;
}

function changesOfCommit({ txn, repeat = 1 }: CommitText): number {
  return repeat * (txn?.length ?? 1);
}

function changesOf({ history, base, from, to }: ScenarioText): number {
  if (history.database === undefined) return (history.commits ?? []).reduce((sum, c) => sum + changesOfCommit(c), 0);
  if (to === undefined) return Number.POSITIVE_INFINITY;
  return to - (from ?? 0) + (to - (base ?? to));
}

export function complexityOf(text: ScenarioText): Complexity {
  let parts = 0;
  visitParts(text, () => {
    parts++;
  });
  const quantities = quantitiesOf(text);
  const digits = quantities.reduce((sum, { value }) => sum + digitsOf(value), 0);
  const size = quantities.reduce((sum, { value }) => sum + value, 0);
  return [changesOf(text), parts, digits, size];
}

export function isSimpler(a: Complexity, b: Complexity): boolean {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}
