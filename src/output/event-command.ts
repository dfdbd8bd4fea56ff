// Hands an event to a command of the user's, as `etcdctl watch KEY -- COMMAND` does: in environment variables, quoted
// as Go quotes strings. The command's output goes where ours goes; it gets no input.

import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fromUtf8, utf8 } from '../mvcc/byte-string.js';
import type { WatchEvent } from '../mvcc/record.js';
import { quoteGo } from './quote.js';

export interface EventCommandOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

/** A stream of a process has a descriptor, which the command shares; another one is written to. */
type Output = Writable & { readonly fd?: number };

function environmentOf({ type, kv }: WatchEvent, revision: number): Record<string, string> {
  return {
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: `"${type}"`,
    ETCD_WATCH_KEY: fromUtf8(quoteGo(kv.key)),
    ETCD_WATCH_VALUE: fromUtf8(quoteGo(kv.value.toString('latin1'))),
  };
}

/** Runs the command to its end; gives what went wrong, in etcdctl's words, if something did. */
export function runEventCommand(
  command: readonly string[],
  event: WatchEvent,
  revision: number,
  { stdout, stderr, env, signal }: EventCommandOptions,
): Promise<string | undefined> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const fail = (problem: string) => resolve(`command [${command.map(quoted).join(' ')}] error (${problem})`);
    const child = spawn(file!, args, {
      env: { ...env, ...environmentOf(event, revision) },
      stdio: ['ignore', stdout.fd ?? 'pipe', stderr.fd ?? 'pipe'],
      signal,
    });
    child.stdout?.pipe(stdout, { end: false });
    child.stderr?.pipe(stderr, { end: false });
    child.on('error', (error: NodeJS.ErrnoException) => {
      fail(error.code === 'ENOENT' ? `exec: ${quoted(file!)}: executable file not found in $PATH` : error.message);
    });
    child.on('close', (status, killedBy) => {
      if (status === 0) resolve(undefined);
      else fail(status === null ? `signal: ${killedBy}` : `exit status ${status}`);
    });
  });
}

function quoted(word: string): string {
  return fromUtf8(quoteGo(utf8(word)));
}
