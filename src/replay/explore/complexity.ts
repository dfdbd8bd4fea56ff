// Measures how much there is to read and to run in a scenario, so that a smaller one can be told.

import { DURATION_PATTERN, parseDuration } from '../run/duration.js';
import { SCENARIO_SCHEMA } from '../scenario/scenario-schema.js';
import type { CommitText, ScenarioText } from '../scenario/scenario-text.js';

/** The complexity of a scenario. Two are compared number by number; the first one that differs decides. */
export type Complexity = readonly [
  /** The changes in the history; in a recorded one, the revisions that are replayed. */
  changes: number,
  /** The fields and items of the text. */
  parts: number,
  /** The digits of all numbers and times; a power of ten has none. */
  digits: number,
  /** The sum of all numbers and times. */
  size: number,
];

interface SchemaPart {
  readonly pattern?: string;
  readonly items?: { readonly pattern?: string };
}

const isTime = ({ pattern, items }: SchemaPart): boolean => (pattern ?? items?.pattern) === DURATION_PATTERN;

/** Returns the names of the fields that hold a time, or a list of times, in a schema. */
function timeFields(schema: object): string[] {
  return Object.entries(schema).flatMap(([name, part]: [string, unknown]) => {
    if (typeof part !== 'object' || part === null) return [];
    return isTime(part) ? [name] : timeFields(part);
  });
}

/** The fields that hold a time. */
const DURATIONS: ReadonlySet<string> = new Set(timeFields(SCENARIO_SCHEMA));

/** The fields that do not count: they say which scenario it is, and what is wrong with it. */
const IDENTITY: ReadonlySet<string> = new Set(['about', 'etcd', 'seed', 'limits']);

/** A place in a text: the names of fields and the numbers of items that lead there. */
export type Path = readonly (string | number)[];

interface Quantity {
  readonly path: Path;
  /** The number; a time is in µs. */
  readonly value: number;
  readonly isDuration: boolean;
}

/** Returns the name of the field that a path leads to, or that holds the item that it leads to. */
export const fieldOf = (path: Path): string => path.findLast((step) => typeof step === 'string') ?? '';

type Visit = (path: Path, node: unknown) => void;

/** Visits each field and item, the outer ones first. */
function visitParts(node: unknown, visit: Visit, path: Path = []): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (path.length === 0 && IDENTITY.has(name)) continue;
    const below = [...path, Array.isArray(node) ? Number(name) : name];
    visit(below, value);
    visitParts(value, visit, below);
  }
}

/** Returns all numbers and times of a text. */
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

/** Returns the number of significant digits; 0 when the only one is a 1. */
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
