// Settles what a log alone does not decide with the database that lies beside it: a doubt is settled if what else could
// have come of its entry contradicts the database, whatever came of the others. The log is applied again and again, each
// time with other decisions, depth first:
//
//   doubts in order      a    b    c    d
//   by the rules         +    +    -    x      contradicted at d
//   first alternative    +    +    +           c, the last doubt before it, was decided wrongly
//   the others           +    -    .    .      each must be contradicted, or else b is not settled
//                        -    .    .    .
//
// What is bound to earlier decisions, or proved by the log, is not tried the other way, unless nothing else explains the
// database: who asked may have given up before the answer, and then a get refuses nothing.
//
// What hangs on the release alone is first decided for all entries of its kind at once, and begins with the release that
// the database contradicts last, the other doubts being decided by the rules.

import { type Doubt, type DoubtKind, LASTING_DOUBTS, RELEASE_DOUBTS } from './doubt.js';
import type { Decide, Decision } from './open-questions.js';

/** What came of an application: the doubts that it has met, in order, and the entry at which it was contradicted. */
interface Attempted {
  readonly doubts: readonly Doubt[];
  readonly contradictedAt: number | undefined;
  /** The entry behind which the state is known from the database, whatever came of the doubts before. */
  readonly anchorIndex: number;
}

/** Applies the log with decisions, and ends at the first contradiction to the database. */
export type Attempt = (decide: Decide) => Attempted;

/** What was decided, by the names of doubts: an index, or a kind. */
type Decisions = ReadonlyMap<number | DoubtKind, Decision>;
type NameOf = (doubt: Pick<Doubt, 'index' | 'kind'>) => number | DoubtKind;

const BY_KIND: NameOf = ({ index, kind }) => (RELEASE_DOUBTS.has(kind) ? kind : index);
const BY_ENTRY: NameOf = ({ index }) => index;

/** What the database says. */
export interface Settlement {
  /** What to apply the log with. */
  readonly decide: Decide;
  /** Returns whether the database decides a doubt. */
  isSettled(doubt: Doubt): boolean;
}

/** Returns what the database says; undefined if it contradicts the log however the doubts are decided. */
export function settleDoubts(attempt: Attempt, maxAttempts: number): Settlement | undefined {
  const release = likelyRelease(attempt);
  const byRelease: Attempt = (decide) => attempt((index, kind) => decide(index, kind) ?? release.get(kind));
  const search = (nameOf: NameOf, keepsBonds: boolean, share = 1) =>
    new Search(new CountedAttempts(byRelease, maxAttempts / share), nameOf, keepsBonds).run();
  const settlement =
    search(BY_KIND, true) ?? search(BY_ENTRY, true, 4) ?? search(BY_KIND, false, 4) ?? search(BY_ENTRY, false, 4);
  if (settlement === undefined) return undefined;
  // Entries of a kind that the database has not seen are of the same release.
  const { decide } = settlement;
  return { ...settlement, decide: (index, kind) => decide(index, kind) ?? release.get(kind) };
}

type Release = ReadonlyMap<DoubtKind, Decision>;

/** Returns how a release decides the doubts that hang on it: the one whose contradiction comes last, if there is any. */
function likelyRelease(attempt: Attempt): Release {
  const reach = (release: Release) => {
    const { contradictedAt, doubts } = attempt((_, kind) => release.get(kind));
    return { release, until: contradictedAt ?? Number.POSITIVE_INFINITY, doubts };
  };
  let best = reach(new Map());
  for (const kind of RELEASE_DOUBTS) {
    const followed = best.doubts.find((doubt) => doubt.kind === kind)?.followed;
    if (followed === undefined) continue;
    const other = reach(new Map([...best.release, [kind, opposite(followed)]]));
    if (other.until > best.until) best = other;
  }
  return best.release;
}

class CountedAttempts {
  constructor(
    private readonly attempt: Attempt,
    private left: number,
  ) {}

  get areSpent(): boolean {
    return this.left <= 0;
  }

  run(decide: Decide): Attempted {
    this.left--;
    return this.attempt(decide);
  }
}

/** The doubts that an application has met, in order, as they were decided. */
type Met = Map<number | DoubtKind, Decision>;

class Search {
  /** The first decisions that the database agrees to. */
  private found: Met | undefined;
  private anchorIndex = Number.POSITIVE_INFINITY;
  /** The doubts that can be decided either way. */
  private readonly open = new Set<number | DoubtKind>();
  /** What has come of the entries by the decisions that the database agrees to; undefined if it is not always the same. */
  private readonly effects = new Map<number, Decision | undefined>();
  /** Those of which both ways were tried, together with all that can come of the ones behind them. */
  private readonly tried = new Set<number | DoubtKind>();

  constructor(
    private readonly attempts: CountedAttempts,
    private readonly nameOf: NameOf,
    private readonly keepsBonds: boolean,
  ) {}

  run(): Settlement | undefined {
    this.explore(new Map());
    const { found, nameOf } = this;
    if (found === undefined) return undefined;
    const decide: Decide = (index, kind) => found.get(nameOf({ index, kind }));
    return { decide, isSettled: (doubt) => found.has(nameOf(doubt)) && this.isSettled(doubt) };
  }

  private isSettled(doubt: Doubt): boolean {
    const name = this.nameOf(doubt);
    if (LASTING_DOUBTS.has(doubt.kind)) return false;
    // An entry that is refused for one thing or for another is refused.
    if (this.open.has(name) && this.effects.get(doubt.index) === undefined) return false;
    // What comes behind the anchor does not hang on what came before, which was not all tried then.
    return !this.attempts.areSpent || (doubt.index > this.anchorIndex && this.tried.has(name));
  }

  private explore(decided: Decisions): void {
    const { nameOf } = this;
    const applied = this.attempts.run((index, kind) => decided.get(nameOf({ index, kind })));
    const met: Met = new Map();
    const free = new Set<number | DoubtKind>();
    for (const doubt of applied.doubts) {
      if (LASTING_DOUBTS.has(doubt.kind)) continue;
      if (!met.has(nameOf(doubt))) met.set(nameOf(doubt), doubt.followed);
      if (doubt.bond === undefined || !this.keepsBonds) free.add(nameOf(doubt));
    }
    if (applied.contradictedAt === undefined) this.agree(met, applied);
    const names = [...met.keys()];
    for (let last = names.length - 1; last >= 0; last--) {
      const name = names[last]!;
      if (decided.has(name) || !free.has(name)) continue;
      if (this.attempts.areSpent) return;
      const before = names.slice(0, last).map((other) => [other, met.get(other)!] as const);
      this.explore(new Map([...decided, ...before, [name, opposite(met.get(name)!)]]));
      if (!this.attempts.areSpent) this.tried.add(name);
    }
  }

  /** Takes decisions that the database agrees to. */
  private agree(met: Met, { doubts, anchorIndex }: Attempted): void {
    const effects = new Map(doubts.map(({ index, followed }) => [index, followed]));
    if (this.found === undefined) {
      this.found = met;
      this.anchorIndex = anchorIndex;
      for (const [index, effect] of effects) this.effects.set(index, effect);
    }
    for (const [index, effect] of this.effects) {
      if (effects.get(index) !== effect) this.effects.set(index, undefined);
    }
    for (const name of new Set([...met.keys(), ...this.found.keys()])) {
      if (met.get(name) !== this.found.get(name)) this.open.add(name);
    }
  }
}

function opposite(decision: Decision): Decision {
  return decision === 'applied' ? 'refused' : 'applied';
}
