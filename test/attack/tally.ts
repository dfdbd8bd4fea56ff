// The tally counts the outcomes of an attack, and keeps its findings with the inputs that caused them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDINGS, GOOD, isFinding, type Judgement, type Verdict } from './judge.js';

/** The number of inputs that are kept on the disk. */
const MAX_KEPT = 60;

export interface AttemptName {
  readonly generator: string;
  readonly seed: number;
  readonly number: number;
}

export interface FoundFault {
  readonly attempt: AttemptName;
  readonly verdict: Verdict;
  /** What was done to which input. */
  readonly damage: string;
  /** A command line that shows the fault on the kept input. */
  readonly command: string;
  readonly why: string;
}

export class Tally {
  readonly findings: FoundFault[] = [];
  peakBytes = 0;
  /** The number of processes that were killed. */
  kills = 0;
  private readonly counts = new Map<string, Map<Verdict, number>>();
  private readonly attempts = new Map<string, number>();
  /** The lines that were told instead of an answer, with how often. */
  readonly told = new Map<string, number>();

  /** Findings and their inputs are kept in `folder`. */
  constructor(
    readonly folder: string,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  countAttempt(generator: string): void {
    this.attempts.set(generator, (this.attempts.get(generator) ?? 0) + 1);
  }

  count(generator: string, { verdict, why }: Judgement): void {
    const counts = this.counts.get(generator) ?? new Map<Verdict, number>();
    this.counts.set(generator, counts);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (verdict === 'told') this.told.set(why, (this.told.get(why) ?? 0) + 1);
  }

  /** Returns how often a verdict was given in attempts of a generator. */
  countOf(generator: string, verdict: Verdict): number {
    return this.counts.get(generator)?.get(verdict) ?? 0;
  }

  /** Keeps a finding; `keep` lays its input into a folder and returns the command line that shows the fault. */
  add(finding: Omit<FoundFault, 'command'>, keep: (folder: string) => string): void {
    const { generator, seed, number } = finding.attempt;
    const folder = join(this.folder, `${this.findings.length + 1}-${finding.verdict}-${generator}-${number}`);
    let command = 'the input is not kept: there are many';
    if (this.findings.length < MAX_KEPT) {
      mkdirSync(folder, { recursive: true });
      command = keep(folder);
    }
    const found = { ...finding, command };
    this.findings.push(found);
    const lines = [
      `${finding.verdict}: ${generator}, ${finding.damage}`,
      `  ${finding.why.replaceAll('\n', '\n  ')}`,
      `  shown by: ${command}`,
      `  again by: npm run attack -- --only ${generator} --seed ${seed} --attempt ${number}`,
    ];
    if (this.findings.length <= MAX_KEPT) writeFileSync(join(folder, 'finding.txt'), `${lines.join('\n')}\n`);
    this.log(lines.join('\n'));
  }

  /** Returns a table: a row for each generator, a column for each verdict. */
  summary(): string {
    const verdicts = [...GOOD, ...FINDINGS].filter(
      (verdict) => !isFinding(verdict) || [...this.counts.values()].some((counts) => counts.has(verdict)),
    );
    const rows = [['', 'attempts', 'commands', ...verdicts]];
    for (const [generator, attempts] of this.attempts) {
      const counts = this.counts.get(generator) ?? new Map<Verdict, number>();
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      rows.push([generator, ...[attempts, all, ...verdicts.map((verdict) => counts.get(verdict) ?? 0)].map(String)]);
    }
    const widths = rows[0]!.map((_cell, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const table = rows.map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    );
    const peak = `peak memory ${Math.round(this.peakBytes / 2 ** 20)} MB, ${this.findings.length} findings`;
    return [...table, peak].join('\n');
  }
}
