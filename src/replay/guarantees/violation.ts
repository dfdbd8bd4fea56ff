// A violation is a broken guarantee. This file names the guarantees and says how a violation is told.

import { isSecret } from '../../kube/secrets.js';
import { recogniseValue } from '../../kube/value.js';
import type { WatchEvent } from '../../mvcc/record.js';

/** The guarantees of a watch, each in words. The first nine are those that etcd's robustness tests check. */
export const GUARANTEES = {
  filter: 'every event has a key of the watched range and a type that is not filtered',
  ordered: 'the revisions of events never decrease',
  unique: 'no event comes twice',
  atomic: 'a revision is not split between responses',
  bookmarkable: 'after progress at a revision only later events come, and progress never goes back',
  resumable: 'the first event is the first of the history from the start revision on',
  'is-create': 'an event is a creation just when the key was absent one revision before',
  reliable: 'between the first and the last, the events are those of the history',
  'previous-value': 'the previous value is that of one revision before, or absent where compaction took it',
  final: 'nothing comes after the cancel',
  undelivered: 'a synced watcher has every event up to the revision of the store',
} as const;

export type Guarantee = keyof typeof GUARANTEES;

export interface Violation {
  readonly guarantee: Guarantee;
  readonly watcher: string;
  readonly revision: number;
  /** The key, in Latin-1 with one char a byte; undefined when a progress response broke the guarantee. */
  readonly key: string | undefined;
  /**
   * The time of the response that showed it. For an event that never came it is that of the last response, or of the
   * end.
   */
  readonly timeUs: number;
  /** The whole violation in one line of printable ASCII. */
  readonly message: string;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
}

/** A description of what is wrong with an event or a response. */
export interface Wrong {
  /** The end of a sentence about it. */
  readonly because: string;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
}

type Finding = Wrong & Pick<Violation, 'revision' | 'key' | 'timeUs'>;

/** Keeps the first violations of each watcher and guarantee, in the order they were found, and counts the others. */
export class Violations {
  readonly kept: Violation[] = [];
  private readonly counts = new Map<string, Map<Guarantee, number>>();
  private omittedCount = 0;

  constructor(private readonly maxOfAKind: number) {}

  get omitted(): number {
    return this.omittedCount;
  }

  /** Returns the violations that are kept, and forgets them; they stay counted. */
  take(): readonly Violation[] {
    return this.kept.length === 0 ? this.kept : this.kept.splice(0);
  }

  /** Adds a violation. `find` is called only when the violation is kept. */
  add(watcher: string, guarantee: Guarantee, find: () => Finding): void {
    let counts = this.counts.get(watcher);
    if (counts === undefined) {
      counts = new Map();
      this.counts.set(watcher, counts);
    }
    const count = (counts.get(guarantee) ?? 0) + 1;
    counts.set(guarantee, count);
    if (count > this.maxOfAKind) {
      this.omittedCount++;
      return;
    }
    const { because, ...finding } = find();
    const key = finding.key === undefined ? '' : `, key ${textOf(finding.key)}`;
    const where = `watcher ${asciiName(watcher)}, revision ${finding.revision}${key}`;
    const message = `${where}: broke ${guarantee} (${GUARANTEES[guarantee]}): ${because}`;
    this.kept.push({ guarantee, watcher, ...finding, message });
  }
}

const hex = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** Returns bytes as printable ASCII: bare when nothing in them could be misread, else quoted, with \xNN. */
function textOf(latin1: string): string {
  if (/^[\w/.@=+-]+$/.test(latin1)) return latin1;
  return `"${latin1.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, hex)}"`;
}

function asciiName(name: string): string {
  return name.replace(/[^ -~]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

const MAX_VALUE_BYTES = 40;

/** Returns an event in words: `PUT a at 5 (created at 3, version 2, value x)`. */
export function describeEvent({ type, kv }: WatchEvent): string {
  const what = `${type} ${textOf(kv.key)} at ${kv.modRevision}`;
  if (type === 'DELETE') return what;
  const lease = kv.lease === 0n ? '' : `, lease ${kv.lease}`;
  return `${what} (created at ${kv.createRevision}, version ${kv.version}, value ${describeValue(kv)}${lease})`;
}

/** Describes a value from a byte on. That of a Secret of Kubernetes is hidden: messages end in logs. */
function describeValue({ key, value: whole }: WatchEvent['kv'], from = 0): string {
  const value = whole.subarray(from);
  if (isSecret(recogniseValue(whole), key, whole)) return `(hidden, ${value.length} bytes)`;
  if (value.length <= MAX_VALUE_BYTES) return textOf(value.toString('latin1'));
  return `${textOf(value.toString('latin1', 0, MAX_VALUE_BYTES))}... of ${value.length} bytes`;
}

export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Returns the first field in which two events differ; undefined when they are the same. */
export function firstDifference(expected: WatchEvent, found: WatchEvent): Difference | undefined {
  for (const [field, of] of FIELDS) {
    const difference = { field, expected: of(expected), found: of(found) };
    if (difference.expected !== difference.found) return difference;
  }
  const at = firstDifferentByte(expected.kv.value, found.kv.value);
  if (at === undefined) return undefined;
  return {
    field: `value from byte ${at} on`,
    expected: describeValue(expected.kv, at),
    found: describeValue(found.kv, at),
  };
}

const FIELDS: readonly (readonly [string, (event: WatchEvent) => string])[] = [
  ['type', ({ type }) => type],
  ['key', ({ kv }) => textOf(kv.key)],
  ['modRevision', ({ kv }) => String(kv.modRevision)],
  ['createRevision', ({ kv }) => String(kv.createRevision)],
  ['version', ({ kv }) => String(kv.version)],
  ['lease', ({ kv }) => String(kv.lease)],
];

function firstDifferentByte(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}
