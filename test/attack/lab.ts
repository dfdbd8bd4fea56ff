// The lab runs chains of commands on damaged inputs, has each outcome judged, and keeps what is found.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../support/random.js';
import { isFinding, type Judgement, judge, MAX_BYTES, type Verdict } from './judge.js';
import type { AttemptName, Tally } from './tally.js';
import type { Command, Outcome, WorkerPool } from './worker-pool.js';
import type { WriteSession } from './write-session.js';

/** These words of a command line stand for paths: the input, and a database that does not exist yet. */
export const DB = '<db>';
export const NEW = '<new>';

/** The time that commands are told; the leases of the inputs have not run out then. */
export const NOW_MS = 1_700_000_000_000;

export interface Input {
  readonly name: string;
  /** Lays the input, a file or a directory, at a path where nothing is. */
  lay(path: string): void;
}

/** Commands that run on one copy of an input, in order, until one does not end as on the undamaged input. */
export interface Chain {
  readonly commands: readonly (readonly string[])[];
  /** The place of the first command that writes. What could be read before it can be read after it. */
  readonly writesAt?: number;
  /** Whether the first command is a repair: if it says that it has mended the input, all else is as on the undamaged. */
  readonly repairs?: boolean;
}

export interface Damage {
  readonly what: string;
  readonly base: Input;
  /** Lays the damaged input at a path. */
  lay(path: string): void;
  readonly chains: readonly Chain[];
  /** The command that finds every damage that another command has noticed. */
  readonly check: readonly string[];
  /** Tells whether nothing in the input contradicts the damage, for a reader that sees what the command sees. */
  mayDiffer(command: readonly string[], outcome: Outcome): boolean;
}

/** Returns a number that differs for each generator, seed and number of an attempt. */
function seedOf({ generator, seed, number }: AttemptName): number {
  let mixed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b);
  for (const char of generator) mixed = Math.imul(mixed ^ char.charCodeAt(0), 0x01000193);
  return mixed >>> 0;
}

export class Lab {
  private readonly answers = new Map<string, Promise<Outcome[]>>();
  private folders = 0;

  constructor(
    readonly pool: WorkerPool,
    readonly tally: Tally,
    /** The folder for inputs; each attempt removes its own. */
    private readonly scratch: string,
  ) {}

  random(attempt: AttemptName): (below: number) => number {
    return random(seedOf(attempt));
  }

  /** Hands a new empty folder to `body` and removes it afterwards. */
  async inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.scratch, String(this.folders++));
    mkdirSync(folder, { recursive: true });
    try {
      return await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Counts an outcome, and keeps it if it is a finding; `keep` is that of Tally.add. */
  tell(attempt: AttemptName, damage: string, judgement: Judgement, keep: (folder: string) => string): void {
    this.tally.count(attempt.generator, judgement);
    if (isFinding(judgement.verdict)) this.tally.add({ attempt, damage, ...judgement }, keep);
  }

  /** Runs all chains of a damage, and the check if a command has noticed the damage. */
  async attack(attempt: AttemptName, damage: Damage): Promise<void> {
    this.tally.countAttempt(attempt.generator);
    const verdicts: Verdict[] = [];
    for (const chain of damage.chains) verdicts.push(...(await this.attackChain(attempt, damage, chain)));
    if (!verdicts.some((verdict) => verdict === 'refused' || verdict === 'told')) return;
    await this.attackChain(attempt, damage, { commands: [damage.check] }, true);
  }

  /** Counts the commands of a write session, and keeps its faults; `keep` is that of Tally.add. */
  tellSession(attempt: AttemptName, what: string, session: WriteSession, keep?: (folder: string) => string): void {
    this.tally.countAttempt(attempt.generator);
    for (let i = 0; i < session.commands; i++) {
      this.tally.count(attempt.generator, { verdict: i < session.refused ? 'refused' : 'same', why: '' });
    }
    this.tally.kills += session.killed;
    for (const fault of session.faults) this.tell(attempt, what, fault, keep ?? ((folder) => session.keep(folder)));
  }

  /** Returns the verdicts on the commands of a chain. With `mustSee`, not to notice the damage is a finding. */
  private async attackChain(attempt: AttemptName, damage: Damage, chain: Chain, mustSee = false): Promise<Verdict[]> {
    const right = await this.rightAnswers(damage.base, chain);
    const verdicts: Verdict[] = [];
    await this.inFolder(async (folder) => {
      damage.lay(join(folder, 'db'));
      await this.pool.with(async (run) => {
        for (const [i, command] of chain.commands.entries()) {
          const outcome = await run(placed(command, folder, right[i]!.stdout.length));
          this.tally.peakBytes = Math.max(this.tally.peakBytes, outcome.end.kind === 'exit' ? outcome.peakBytes : 0);
          const judged = judge(withoutFolder(outcome, folder), right[i]!, (found) => damage.mayDiffer(command, found));
          const judgement = inChain(chain, i, judged, mustSee, outcome);
          verdicts.push(judgement.verdict);
          this.tell(attempt, `${damage.base.name}, ${damage.what}`, judgement, (kept) => {
            damage.lay(join(kept, 'db'));
            const commands = chain.commands.slice(0, i + 1);
            return commands.map((words) => commandLine(placed(words, kept).argv)).join(' ; ');
          });
          if (judgement.verdict !== 'same' && (chain.writesAt !== undefined || chain.repairs)) return;
        }
      });
    });
    return verdicts;
  }

  private rightAnswers(base: Input, chain: Chain): Promise<Outcome[]> {
    const name = `${base.name} ${JSON.stringify(chain.commands)}`;
    const known = this.answers.get(name) ?? this.answersOf(base, chain);
    this.answers.set(name, known);
    return known;
  }

  /** Runs a chain on an undamaged input. */
  async answersOf(base: Input, chain: Chain): Promise<Outcome[]> {
    return this.inFolder(async (folder) => {
      base.lay(join(folder, 'db'));
      return this.pool.with(async (run) => {
        const outcomes: Outcome[] = [];
        for (const command of chain.commands) {
          const outcome = withoutFolder(await run(placed(command, folder, Number.POSITIVE_INFINITY)), folder);
          const { end, stderr, peakBytes } = outcome;
          const isFine = end.kind === 'exit' && [0, 130].includes(end.status) && peakBytes < MAX_BYTES;
          if (!isFine)
            throw new Error(`${base.name} undamaged: ${command.join(' ')}: ${JSON.stringify(end)} ${stderr}`);
          outcomes.push(outcome);
        }
        return outcomes;
      });
    });
  }
}

/** Returns the judgement on command `i` of a chain, for which the commands before it count too. */
function inChain(
  { writesAt, repairs }: Chain,
  i: number,
  judged: Judgement,
  mustSee: boolean,
  { end }: Outcome,
): Judgement {
  const { verdict } = judged;
  if (mustSee && verdict === 'same') return { verdict: 'missed', why: 'the check finds nothing' };
  if (repairs && i === 0 && end.kind === 'exit' && end.status === 0) return { verdict: 'same', why: '' };
  // What could be read before a command wrote, or what a repair has called mended, can be read.
  const afterWrite = writesAt !== undefined && i > writesAt;
  if ((afterWrite || (repairs && i > 0)) && verdict === 'refused') return { ...judged, verdict: 'harmed' };
  return judged;
}

/** Returns a command with paths in a folder; a watch among them ends after `bytes` bytes. */
function placed(command: readonly string[], folder: string, bytes = 0): Command {
  const paths: Readonly<Record<string, string>> = { [DB]: join(folder, 'db'), [NEW]: join(folder, 'new') };
  const argv = command.map((word) => paths[word] ?? word);
  return { argv, nowMs: NOW_MS, ...(command.includes('watch') && { watchBytes: bytes }) };
}

function withoutFolder(outcome: Outcome, folder: string): Outcome {
  const without = (text: string) => text.replaceAll(folder, 'FOLDER');
  return { ...outcome, stdout: without(outcome.stdout), stderr: without(outcome.stderr) };
}

/** Returns a command line for a shell. */
function commandLine(argv: readonly string[]): string {
  const quoted = argv.map((word) => (/^[\w./=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return `node bin/mvccw.js ${quoted.join(' ')}`;
}
