// The workers run commands for the attacks. A worker that dies, hangs or has grown is replaced by a new one.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { projectFile } from '../support/root.js';

const WORKER = projectFile('test/attack/worker.js');

/** A command that takes longer hangs: each takes a few milliseconds, on a busy machine a second. */
const HANG_MS = 30_000;
/** A worker is replaced after this many commands, so that what one leaves behind is not counted as memory of another. */
const COMMANDS_OF_A_LIFE = 2000;
const REPLACE_ABOVE_BYTES = 300 * 1024 * 1024;
/** The last bytes that a dying worker writes to stderr, which say why. */
const LAST_WORDS_BYTES = 2000;

export interface Command {
  readonly argv: readonly string[];
  readonly nowMs: number;
  /** A watch is interrupted once it has printed this many bytes, or after a while. */
  readonly watchBytes?: number;
}

type End =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'death'; readonly how: string }
  | { readonly kind: 'hang' };

export interface Outcome {
  readonly end: End;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the worker has had so far. */
  readonly peakBytes: number;
}

interface Reply {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly peakBytes: number;
}

class Worker {
  commands = 0;
  peakBytes = 0;
  isAlive = true;
  private lastWords = '';
  private readonly ready: Promise<unknown>;

  constructor(private readonly child: ChildProcess) {
    this.ready = Promise.race([once(child, 'message'), once(child, 'close')]);
    child.stderr?.on('data', (chunk) => {
      this.lastWords = (this.lastWords + chunk).slice(-LAST_WORDS_BYTES);
    });
  }

  async run(command: Command): Promise<Outcome> {
    await this.ready;
    this.commands++;
    return new Promise((resolve) => {
      let hangs = false;
      const timer = setTimeout(() => {
        hangs = true;
        this.child.kill('SIGKILL');
      }, HANG_MS);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        this.child.off('message', onReply);
        this.child.off('close', onClose);
        this.peakBytes = outcome.peakBytes;
        resolve(outcome);
      };
      const onReply = ({ status, stdout, stderr, peakBytes }: Reply) =>
        settle({ end: { kind: 'exit', status }, stdout, stderr, peakBytes });
      const onClose = (status: number | null, signal: string | null) => {
        this.isAlive = false;
        const end: End = hangs ? { kind: 'hang' } : { kind: 'death', how: signal ?? `exit status ${status}` };
        settle({ end, stdout: '', stderr: this.lastWords, peakBytes: this.peakBytes });
      };
      this.child.on('message', onReply);
      this.child.on('close', onClose);
      this.child.send(command);
    });
  }

  get isWornOut(): boolean {
    return !this.isAlive || this.commands >= COMMANDS_OF_A_LIFE || this.peakBytes > REPLACE_ABOVE_BYTES;
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    this.isAlive = false;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

export class WorkerPool {
  private readonly idle: Worker[] = [];

  /** Runs `body` with a way to run commands, all in one worker while that lives. */
  async with<T>(body: (run: (command: Command) => Promise<Outcome>) => Promise<T>): Promise<T> {
    let worker = this.idle.pop() ?? start();
    try {
      return await body(async (command) => {
        if (worker.isWornOut) {
          await worker.stop();
          worker = start();
        }
        return worker.run(command);
      });
    } finally {
      this.idle.push(worker);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((worker) => worker.stop()));
  }
}

function start(): Worker {
  const child = fork(WORKER, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: { PATH: process.env.PATH },
  });
  return new Worker(child);
}
