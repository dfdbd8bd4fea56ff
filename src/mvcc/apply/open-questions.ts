// The questions about entries that the log alone does not decide, and how they are answered: as the caller knows, or else
// by a rule. Those of the entry that is applied become doubts if anything hangs on them.

import { DOUBTS, type Doubt, type DoubtKind } from './doubt.js';

/** What came of a doubtful entry. */
export type Decision = Doubt['followed'];

/** Says what came of a doubtful entry; undefined for what the rule says. */
export type Decide = (index: number, kind: DoubtKind) => Decision | undefined;

/** What binds an answer: what was decided of an earlier entry, or the log. */
type Bond = Doubt['bond'];

interface Question {
  readonly kind: DoubtKind;
  readonly bond: Bond;
}

export class OpenQuestions {
  readonly doubts: Doubt[] = [];
  private index = 0;
  /** Those that did not refuse the entry, and those that did. */
  private readonly passed: Question[] = [];
  private readonly refusing: Question[] = [];

  constructor(private readonly decide: Decide) {}

  begin(index: number): void {
    this.index = index;
    // To set the length of an array costs more than to look at it, and few entries ask anything.
    if (this.passed.length > 0) this.passed.length = 0;
    if (this.refusing.length > 0) this.refusing.length = 0;
  }

  /** Returns whether the entry was refused: as the caller knows, or else by the rule. */
  isRefused(kind: DoubtKind, byRule: boolean, bond?: Bond): boolean {
    const decision = this.decide(this.index, kind);
    const refused = decision === undefined ? byRule : decision === 'refused';
    (refused ? this.refusing : this.passed).push({ kind, bond });
    return refused;
  }

  /** Takes note that the entry was not refused for what seemed to refuse it. */
  overrule(): void {
    this.refusing.length = 0;
  }

  /** Takes note that nothing is known of the entry, which counts as refused. */
  refuse(kind: DoubtKind): void {
    this.refusing.push({ kind, bond: undefined });
  }

  /** What came of the entry by the answers; `sure` if nothing was asked. */
  get state(): Decision | 'sure' {
    if (this.refusing.length > 0) return 'refused';
    return this.passed.length > 0 ? 'applied' : 'sure';
  }

  haveRefused(kind: DoubtKind): boolean {
    return this.refusing.some((question) => question.kind === kind);
  }

  /** Tells the questions that have decided about the entry. Everything from a revision on hangs on them. */
  tellAll(revision: number): void {
    const questions = this.refusing.length > 0 ? this.refusing : this.passed;
    const followed = this.refusing.length > 0 ? 'refused' : 'applied';
    for (const kind of new Set(questions.map((question) => question.kind))) {
      const bonds = questions.filter((question) => question.kind === kind).map(({ bond }) => bond);
      this.tell(kind, followed, revision, bonds.includes(undefined) ? undefined : bonds[0]);
    }
  }

  tell(kind: DoubtKind, followed: Decision, revision: number, bond?: Bond): void {
    const decidedBy = bond === 'log' ? 'log' : 'rule';
    this.doubts.push({ index: this.index, kind, revision, reason: DOUBTS[kind], followed, decidedBy, bond });
  }
}
