// A write session runs writing commands on a database in a process that is killed, or that gets no more room on the
// disk. Afterwards everything that was acknowledged is there, and nothing else but the command that was under way.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectFile } from '../support/root.js';
import { parseExactly, snapshotBytes } from '../support/snapshots.js';
import type { StoreModel } from '../support/store-model.js';
import { type Finding, firstDifference } from './judge.js';
import { DB, NOW_MS } from './lab.js';
import type { Command, Outcome } from './worker-pool.js';
import { apply, commandOf, ETCD_FILE, importPath, modelOf, type Step } from './write-steps.js';

const PROCESS = projectFile('test/attack/write-process.js');

/** The snapshot that is imported, and the hash of it. */
const SNAPSHOT = 'nocompact-35';

export interface Fault {
  readonly verdict: Finding;
  readonly why: string;
}

export interface Life {
  /** Called when a command begins; kills the process after the returned time in ms, if one is returned. */
  readonly onBegin?: (command: number) => number | undefined;
  /** The most bytes that a file may have. */
  readonly limitBytes?: number;
  readonly uid?: number;
  /** Words to put before the command line of the process. */
  readonly wrapper?: readonly string[];
  /** The exit statuses with which a command may say that it has done nothing. */
  readonly refusals: readonly number[];
  /** Whether the process ends with the first command that could not write. */
  readonly endsAtFailure?: boolean;
}

type Run = (command: Command) => Promise<Outcome>;

interface Message {
  readonly begins?: number;
  readonly ends?: number;
  readonly status?: number;
  readonly stderr?: string;
  readonly granted?: string;
}

export class WriteSession {
  readonly done: Step[] = [];
  readonly faults: Fault[] = [];
  commands = 0;
  /** How many of the commands have said that they did nothing. */
  refused = 0;
  /** How many processes were killed. */
  killed = 0;
  private readonly checkedImports = new Set<string>();
  private readonly leases = new Map<bigint, string>();
  /** The step that was under way when the process ended. */
  private underWay: Step | undefined;
  private readonly path: string;

  /** With `found`, the session continues on what is in the folder, with the leases of another one. */
  constructor(
    private readonly folder: string,
    found?: { readonly like: WriteSession; readonly done: readonly Step[]; readonly underWay: Step | undefined },
  ) {
    this.path = join(folder, 'db');
    if (found !== undefined) {
      this.done.push(...found.done);
      this.underWay = found.underWay;
      for (const step of found.done) {
        if (step.kind === 'grant') this.leases.set(step.lease, found.like.leases.get(step.lease)!);
      }
      this.commands = 1;
    }
    writeFileSync(join(folder, 'etcd.db'), snapshotBytes(SNAPSHOT));
  }

  private modelOf(steps: readonly Step[]): StoreModel {
    return modelOf(steps, new Map([...this.leases].map(([number, id]) => [number, BigInt(`0x${id}`)])));
  }

  private word(word: string): string {
    if (word === DB) return this.path;
    if (word === ETCD_FILE) return join(this.folder, 'etcd.db');
    return word.replace(/^<import:(\d+)>$/, (_all, number) => join(this.folder, `import-${number}`));
  }

  private fault(verdict: Finding, why: string): void {
    this.faults.push({ verdict, why });
  }

  /**
   * Runs the steps in several processes, each of which ends when a command could not write: commands are processes of
   * their own, and lmdb's memory is not sound after many writes of one process have failed.
   */
  async liveToFailures(steps: readonly Step[], processes: number, life: Life): Promise<void> {
    for (let number = 0, from = 0; number < processes && from < steps.length; number++) {
      from += await this.live(steps.slice(from), { ...life, endsAtFailure: true });
    }
  }

  /** Runs the steps in a new process, until it ends or is killed. Returns the number of steps that it has begun. */
  async live(
    steps: readonly Step[],
    { onBegin, limitBytes, uid, refusals, wrapper = [], endsAtFailure = false }: Life,
  ): Promise<number> {
    const limit = limitBytes === undefined ? '' : `trap '' XFSZ; ulimit -f ${Math.ceil(limitBytes / 512)}; `;
    const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, ...wrapper, process.execPath, PROCESS], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH },
      ...(uid !== undefined && { uid, gid: uid }),
    });
    const commands = steps
      .map(commandOf)
      .map((command) => ({ ...command, argv: command.argv.map((word) => this.word(word)) }));
    const leases = Object.fromEntries(this.leases);
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ leases, nowMs: NOW_MS, endsAtFailure, commands }));
    let lastWords = '';
    child.stderr.on('data', (chunk) => {
      lastWords = (lastWords + chunk).slice(-1000);
    });
    const closed = once(child, 'close');
    let killed = false;
    let begun = 0;
    const kill = () => {
      killed = true;
      this.killed++;
      child.kill('SIGKILL');
    };
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as Message;
      if (message.begins !== undefined) {
        begun++;
        this.underWay = steps[message.begins];
        const delayMs = onBegin?.(message.begins);
        if (delayMs === 0) kill();
        else if (delayMs !== undefined) setTimeout(kill, delayMs);
      } else {
        this.take(steps[message.ends!]!, message, refusals);
      }
    }
    const [status, signal] = await closed;
    if (!killed && (status !== 0 || signal !== null)) this.fault('death', `${signal ?? status}: ${lastWords}`);
    return begun;
  }

  private take(step: Step, { status, stderr = '', granted }: Message, refusals: readonly number[]): void {
    this.underWay = undefined;
    this.commands++;
    if (status === 0) {
      this.done.push(step);
      if (step.kind === 'grant' && granted !== undefined) this.leases.set(step.lease, granted);
      return;
    }
    if (status !== undefined && refusals.includes(status)) {
      this.refused++;
      return;
    }
    // A revision that is compacted, or a lease that is not there: the model refuses it too.
    if (status === 4 && !apply(modelOf(this.done), step)) return;
    this.fault(status === 70 ? 'bug' : 'status', `${step.kind}: exit status ${status}: ${stderr}`);
  }

  /** Checks what is there, writes once, and checks again. */
  async check(run: Run): Promise<void> {
    const { underWay } = this;
    this.underWay = undefined;
    if (existsSync(this.path) || this.done.some(({ kind }) => kind !== 'import')) {
      await this.checkDatabase(run, underWay);
    }
    for (const step of [...this.done, underWay])
      if (step?.kind === 'import') await this.checkImport(run, step, step === underWay);
  }

  private async checkDatabase(run: Run, underWay: Step | undefined): Promise<void> {
    const candidates = [this.done, ...(underWay === undefined ? [] : [[...this.done, underWay]])];
    const empty = modelOf(this.done).currentRev === 1 && modelOf(this.done).leases.size === 0;
    const before = empty ? undefined : await this.contents(run, underWay);
    if (before !== undefined && !candidates.some((steps) => before.kvs === contentsOf(this.modelOf(steps)))) {
      this.fault('lost', this.difference(before.kvs, candidates));
      return;
    }
    const probe: Step = {
      kind: 'write',
      via: 'put',
      changes: [{ kind: 'put', key: 'probe', value: Buffer.from(String(this.done.length)), lease: 0n }],
    };
    const put = await this.run(run, commandOf(probe).argv);
    if (put === undefined) return;
    const after = await this.contents(run, underWay);
    if (after === undefined) return;
    const states = candidates.map((steps) => [...steps, probe]);
    const state = states.find((steps) => {
      const model = this.modelOf(steps);
      return after.kvs === contentsOf(model) && after.hash === model.hash(model.currentRev);
    });
    if (state === undefined) this.fault('lost', `after a put: ${this.difference(after.kvs, states)}`);
    else this.done.splice(0, this.done.length, ...state);
    this.checkFiles(this.path);
  }

  private checkFiles(path: string): void {
    const left = readdirSync(path).filter((name) => name !== 'data.mdb' && name !== 'lock.mdb');
    if (left.length > 0) this.fault('leftover', `${path} still holds ${left.join(', ')}`);
  }

  /** An import that was killed can be made again, and leaves nothing. */
  private async checkImport(run: Run, step: Step & { kind: 'import' }, wasUnderWay: boolean): Promise<void> {
    const path = this.word(importPath(step.number));
    if (this.checkedImports.has(path)) return;
    this.checkedImports.add(path);
    if (wasUnderWay) {
      const { end, stderr } = await run({ argv: ['import', this.word(ETCD_FILE), '--db', path], nowMs: NOW_MS });
      const isThere = end.kind === 'exit' && (end.status === 0 || (end.status === 2 && /is not empty/.test(stderr)));
      if (!isThere) this.fault('leftover', `an import again: ${JSON.stringify(end)} ${stderr}`);
    }
    const hash = async (file: string) =>
      (await this.run(run, ['--db', file, 'hash', '-w', 'json']))?.stdout.replace(file, '');
    const [found, wanted] = [await hash(path), await hash(this.word(ETCD_FILE))];
    if (found !== wanted) this.fault('lost', `the hash of the import is ${found}, not ${wanted}`);
    // Whoever next opens the database for writing removes what was left.
    await this.run(run, ['--db', path, 'put', 'probe', '']);
    this.checkFiles(path);
  }

  /** Runs a command that must succeed. */
  private async run(run: Run, argv: readonly string[]): Promise<Outcome | undefined> {
    const outcome = await run({ argv: argv.map((word) => this.word(word)), nowMs: NOW_MS });
    const { end, stderr } = outcome;
    if (end.kind === 'exit' && end.status === 0) return outcome;
    const verdict = end.kind === 'death' ? 'death' : end.kind === 'hang' ? 'hang' : 'lost';
    this.fault(verdict, `${argv.slice(2).join(' ')}: ${JSON.stringify(end)} ${stderr}`);
    return undefined;
  }

  /** Returns all keys and leases as text, and the hash. A lease that was being granted is taken for that. */
  private async contents(run: Run, underWay: Step | undefined): Promise<{ kvs: string; hash: number } | undefined> {
    const get = await this.run(run, ['--db', DB, 'get', '', '--prefix', '-w', 'json']);
    const list = await this.run(run, ['--db', DB, 'lease', 'list', '-w', 'json']);
    const hash = await this.run(run, ['--db', DB, 'hash', '-w', 'json']);
    if (get === undefined || list === undefined || hash === undefined) return undefined;
    const { header, kvs = [] } = parseExactly(get.stdout) as { header: { revision: number }; kvs?: JsonKv[] };
    const { leases = [] } = parseExactly(list.stdout) as { leases?: { id: number | string }[] };
    const ids = leases.map(({ id }) => BigInt(id));
    if (underWay?.kind === 'grant') {
      const stranger = ids.find((id) => ![...this.leases.values()].some((known) => BigInt(`0x${known}`) === id));
      if (stranger !== undefined) this.leases.set(underWay.lease, stranger.toString(16).padStart(16, '0'));
    }
    const rows = kvs.map((kv) => [
      kv.key,
      kv.create_revision,
      kv.mod_revision,
      kv.version,
      kv.value ?? '',
      String(kv.lease ?? 0),
    ]);
    const [{ HashKV }] = parseExactly(hash.stdout) as [{ HashKV: { hash: number } }];
    return { kvs: text(header.revision, rows, ids), hash: HashKV.hash };
  }

  private difference(found: string, candidates: readonly (readonly Step[])[]): string {
    const wanted = candidates.map((steps) => contentsOf(this.modelOf(steps)));
    if (wanted.includes(found)) return 'another hash';
    return wanted.map((one) => firstDifference(found, one)).join('\nor ');
  }

  /** Copies everything to a folder and returns the command line that reads it. */
  keep(folder: string): string {
    cpSync(this.folder, folder, { recursive: true });
    const steps = this.done.map((step) => JSON.stringify(commandOf(step).argv)).join('\n');
    writeFileSync(join(folder, 'steps.txt'), `${steps}\n`);
    return `node bin/mvccw.js --db ${join(folder, 'db')} status`;
  }
}

interface JsonKv {
  readonly key: string;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly version: number;
  readonly value?: string;
  readonly lease?: number | string;
}

function text(revision: number, rows: readonly unknown[], leases: readonly bigint[]): string {
  const ids = [...leases].sort((a, b) => (a < b ? -1 : 1)).map(String);
  return JSON.stringify({ revision, rows, leases: ids });
}

/** Returns what `contents` finds in a store like the model. */
function contentsOf(model: StoreModel): string {
  const rows = model
    .range({ key: '\0', end: '' })
    .kvs.map((kv) => [
      Buffer.from(kv.key).toString('base64'),
      kv.createRevision,
      kv.modRevision,
      kv.version,
      kv.value.toString('base64'),
      String(kv.lease),
    ]);
  return text(model.currentRev, rows, [...model.leases.keys()]);
}
