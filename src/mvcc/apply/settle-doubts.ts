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
// What hangs on the release alone is first decided for all entries of its kind at once.

import { type Doubt, type DoubtKind, RELEASE_DOUBTS } from './doubt.js';
import type { Decide, Decision } from './entry-applier.js';
import type { LogApplication } from './log-application.js';

/** Applies the log with decisions, and ends at the first contradiction to the database. */
export type Attempt = (decide: Decide) => LogApplication;

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
  const counted = new CountedAttempts(attempt, maxAttempts);
  return new Search(counted, BY_KIND).run() ?? new Search(counted, BY_ENTRY).run();
}

class CountedAttempts {
  constructor(
    private readonly attempt: Attempt,
    private left: number,
  ) {}

  get areSpent(): boolean {
    return this.left <= 0;
  }

  run(decide: Decide): LogApplication {
    this.left--;
    return this.attempt(decide);
  }
}

/** The doubts that an application has met, in order, as they were decided. */
type Met = Map<number | DoubtKind, Decision>;

class Search {
  /** The first decisions that the database agrees to. */
  private found: Met | undefined;
  /** The doubts that can be decided either way. */
  private readonly open = new Set<number | DoubtKind>();

  constructor(
    private readonly attempts: CountedAttempts,
    private readonly nameOf: NameOf,
  ) {}

  run(): Settlement | undefined {
    this.explore(new Map());
    const { found, open, nameOf } = this;
    if (found === undefined) return undefined;
    const decide: Decide = (index, kind) => found.get(nameOf({ index, kind }));
    return { decide, isSettled: (doubt) => found.has(nameOf(doubt)) && !open.has(nameOf(doubt)) };
  }

  private explore(decided: Decisions): void {
    const { nameOf } = this;
    const applied = this.attempts.run((index, kind) => decided.get(nameOf({ index, kind })));
    const met: Met = new Map();
    for (const doubt of applied.doubts) if (!met.has(nameOf(doubt))) met.set(nameOf(doubt), doubt.followed);
    if (applied.contradictedAt === undefined) this.agree(met);
    const names = [...met.keys()];
    for (let last = names.length - 1; last >= 0; last--) {
      const name = names[last]!;
      if (decided.has(name)) continue;
      if (this.attempts.areSpent) {
        // What was not tried may be as well.
        for (const untried of names.slice(0, last + 1)) if (!decided.has(untried)) this.open.add(untried);
        return;
      }
      const before = names.slice(0, last).map((other) => [other, met.get(other)!] as const);
      this.explore(new Map([...decided, ...before, [name, opposite(met.get(name)!)]]));
    }
  }

  /** Takes decisions that the database agrees to. */
  private agree(met: Met): void {
    this.found ??= met;
    for (const name of new Set([...met.keys(), ...this.found.keys()])) {
      if (met.get(name) !== this.found.get(name)) this.open.add(name);
    }
  }
}

function opposite(decision: Decision): Decision {
  return decision === 'applied' ? 'refused' : 'applied';
}
