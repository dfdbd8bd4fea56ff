// This process runs the commands of a write session, in order, and says on stdout when each begins and how it ends. It
// may be killed at any time. The commands come as JSON on stdin; `<lease:N>` in them is the id of the lease N.

import { readFileSync, writeSync } from 'node:fs';
import { runCommand } from './run-command.js';

/**
 * @typedef {object} Session
 * @property {Record<string, string>} leases the ids of the leases granted so far, by number
 * @property {number} nowMs
 * @property {boolean} endsAtFailure whether the process ends when a command could not write
 * @property {{ argv: string[], stdin: string, grants?: string }[]} commands
 */

const EXIT_IO = 5;

/** @type {Session} */
const { leases, nowMs, endsAtFailure, commands } = JSON.parse(readFileSync(0, 'utf8'));

const say = (/** @type {unknown} */ message) => writeSync(1, `${JSON.stringify(message)}\n`);

for (const [i, { argv, stdin, grants }] of commands.entries()) {
  say({ begins: i });
  const words = argv.map((word) => word.replace(/<lease:(\d+)>/, (_all, number) => leases[number] ?? '1'));
  const { status, stdout, stderr } = await runCommand({ argv: words, stdin, nowMs });
  const granted = /^lease ([0-9a-f]{16}) granted/.exec(stdout)?.[1];
  if (grants !== undefined && granted !== undefined) leases[grants] = granted;
  say({ ends: i, status, stderr, granted });
  if (endsAtFailure && status === EXIT_IO) break;
}
