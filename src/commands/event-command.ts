// Hands an event to a command of the user's, as `etcdctl watch KEY -- COMMAND` does: in environment variables, quoted
// as Go quotes strings. The command prints to the outputs of mvccw; it gets no input.

import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { fromUtf8, utf8 } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { quoteGo } from '../bytes/quote.js';
import type { WatchEvent } from '../mvcc/record.js';

interface EventCommandOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command when it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * A stream to print to. The command shares the descriptor of a process's stream; what it prints is copied to another
 * stream.
 */
type Output = Writable & { readonly fd?: number };

/** The bytes of a key that a message shows. */
const SHOWN_KEY_BYTES = 100;

function environmentOf({ type, kv }: WatchEvent, revision: number): Record<string, string> {
  return {
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: `"${type}"`,
    ETCD_WATCH_KEY: fromUtf8(quoteGo(kv.key)),
    ETCD_WATCH_VALUE: fromUtf8(quoteGo(kv.value.toString('latin1'))),
  };
}

/** Runs the command to its end. Returns what went wrong, in etcdctl's words; undefined when nothing did. */
export function runEventCommand(
  command: readonly string[],
  event: WatchEvent,
  revision: number,
  { stdout, stderr, env, signal }: EventCommandOptions,
): Promise<string | undefined> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const fail = (problem: string, why = '') =>
      resolve(`command [${command.map(quoted).join(' ')}] error (${problem})${why}`);
    const cannotStart = (error: NodeJS.ErrnoException) => {
      if (error.errno === undefined && error.code !== ABORTED) throw error;
      fail(startProblem(error, file!), error.code === 'E2BIG' ? tooLarge(event) : '');
    };
    try {
      const child = spawn(file!, args, {
        env: { ...env, ...environmentOf(event, revision) },
        stdio: ['ignore', stdout.fd ?? 'pipe', stderr.fd ?? 'pipe'],
        signal,
      });
      child.stdout?.pipe(stdout, { end: false });
      child.stderr?.pipe(stderr, { end: false });
      child.on('error', cannotStart);
      child.on('close', (status, killedBy) => {
        if (status === 0) resolve(undefined);
        else fail(status === null ? `signal: ${killedBy}` : `exit status ${status}`);
      });
    } catch (error) {
      // Node throws some refusals of the system, and emits others as events.
      cannotStart(error as NodeJS.ErrnoException);
    }
  });
}

const ABORTED = 'ABORT_ERR';

function startProblem({ code, errno, message }: NodeJS.ErrnoException, file: string): string {
  if (code === 'ENOENT') return `exec: ${quoted(file)}: executable file not found in $PATH`;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}

/** Says which event was too large. The user knows the command, but not the event that came with it. */
function tooLarge({ type, kv }: WatchEvent): string {
  const key = quoteKey(kv.key.slice(0, SHOWN_KEY_BYTES)) + (kv.key.length > SHOWN_KEY_BYTES ? '…' : '');
  return `: the ${type} of ${key} at revision ${kv.modRevision}, with a key of ${kv.key.length} and a value of ${kv.value.length} bytes, is too large for environment variables`;
}

function quoted(word: string): string {
  return fromUtf8(quoteGo(utf8(word)));
}
