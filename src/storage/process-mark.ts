// The mark of a process names it in what it makes beside a database, so that others can tell whether it still runs:
//
//   4711.88123.0f3a9c41     the process id, the time at which it began, and the place in which the id counts
//
// An id alone would not do: ids are used again, and a directory may be shared by machines and containers, each with ids
// of its own.

import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

const PLACE_DIGITS = 8;
const MARK = /^(\d+)\.(\d+)\.([0-9a-f]{8})$/;

/** The places of the state and of the begin in what follows the name of the command in /proc/PID/stat. */
const STATE = 0;
const BEGIN = 19;
/** The states of a process that has ended: its parent has not asked for its exit status yet, or just has. */
const ENDED = ['Z', 'X'];

const UNKNOWN_BEGIN = '0';

export function processMark(): string {
  return `${pid}.${beginOf(pid) ?? UNKNOWN_BEGIN}.${ownPlace()}`;
}

/** Tells whether the process with a mark still runs; undefined if that cannot be told here. */
export function isRunning(mark: string): boolean | undefined {
  const [, id, began, place] = MARK.exec(mark) ?? [];
  if (id === undefined || place !== ownPlace()) return undefined;
  const begin = beginOf(Number(id));
  return begin === undefined ? answers(Number(id)) : begin === began;
}

/**
 * Returns when a process began, in ticks since the machine started; '' if it has ended, and undefined if /proc does not
 * say.
 */
function beginOf(id: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ENDED.includes(fields[STATE]!) ? '' : fields[BEGIN];
  } catch {
    return undefined;
  }
}

function answers(id: number): boolean {
  try {
    return kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

let place: string | undefined;

/** Returns a digest of where process ids of this process count: the start of the machine, and the container. */
function ownPlace(): string {
  place ??= createHash('sha256')
    .update(
      `${hostname()} ${textOf('/proc/sys/kernel/random/boot_id', readText)} ${textOf('/proc/self/ns/pid', readlinkSync)}`,
    )
    .digest('hex')
    .slice(0, PLACE_DIGITS);
  return place;
}

const readText = (path: string): string => readFileSync(path, 'latin1');

function textOf(path: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch {
    return '';
  }
}
