// Reads lines of the logs of etcd and of an apiserver that name a revision and a time: JSON, as etcd writes it, or text;
// the line of a container's log may stand before it.
//
//   trace of a put or a transaction   it took longer than 100 ms: its own revision, and both of its times
//   trace of a range                  the revision that was the newest one meanwhile
//   lines about compactions, hashes   the revision was there by then
//
// A transaction that changed nothing names a revision that was there before it. So only a put says that its revision was
// not committed before; but in all cases the next revision was not.

import { MvccwError } from '../../errors.js';
import { type ReadTimestamp, readTimestamp } from '../../kube/timestamp.js';
import type { Evidence } from './evidence.js';

export type Piece = Omit<Evidence, 'clock'>;

const TRACE = /\btrace\[\d+\] (\w+)/;
const RESPONSE_REVISION = /\bresponse_revision:(\d+)/;
const READ_ONLY = /\bread_only:true\b/;

/** The forms in which other lines name a revision that is there. */
const NAMED = [
  /"(?:compact|restored-compact|scheduled-compact|finished-compact)-revision":\s*(\d+)/,
  /"(?:compact tree index|storing new hash)"?[^\n]*?"revision":\s*(\d+)/,
  /\bfinished scheduled compaction at (\d+)/,
  /\bstore\.index: compact (\d+)/,
  /\bcompacted rev \((\d+)\)/,
  /\bresourceVersion="?(\d+)/,
];

const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const FIELD_TIME = /"ts":\s*(?:"([^"]*)"|([\d.]+))/;
const LEADING_TIME = new RegExp(`^"?(${TIME})`);
const [START, END] = ['start', 'end'].map((name) => new RegExp(`"${name}":\\s*"([^"]*)"`)) as [RegExp, RegExp];

/** Returns what a line of a log says; nothing for most lines. Throws FORMAT for a time that cannot be read. */
export function logLine(line: string): Piece[] {
  const traced = TRACE.exec(line);
  if (traced !== null) return tracePieces(line, traced[1]!);
  for (const form of NAMED) {
    const revision = Number(form.exec(line)?.[1]);
    if (revision > 0 && Number.isSafeInteger(revision)) {
      return [{ revision, fromUs: undefined, untilUs: endOf(timeOf(line)), untilRevision: revision, isNear: false }];
    }
  }
  return [];
}

function tracePieces(line: string, what: string): Piece[] {
  const revision = Number(RESPONSE_REVISION.exec(line)?.[1]);
  if (!(revision > 0) || !Number.isSafeInteger(revision)) return [];
  const [start, end] = [START.exec(line)?.[1], END.exec(line)?.[1]];
  const untilUs = endOf(end === undefined ? timeOf(line) : read(end));
  const fromUs = start === undefined ? undefined : read(start).timeUs;
  const isPut = what === 'put';
  const isWrite = isPut || (/^(transaction|txn)$/.test(what) && !READ_ONLY.test(line));
  const pieces: Piece[] = [
    { revision, fromUs: isPut ? fromUs : undefined, untilUs, untilRevision: revision, isNear: isWrite },
  ];
  if (fromUs !== undefined) {
    pieces.push({ revision: revision + 1, fromUs, untilUs: undefined, untilRevision: 0, isNear: false });
  }
  return pieces;
}

/** Returns the end of the time that the last digit stands for. */
const endOf = ({ timeUs, resolutionUs }: ReadTimestamp): number => timeUs + (resolutionUs > 1 ? resolutionUs : 0);

/** Returns when a line was written. */
function timeOf(line: string): ReadTimestamp {
  const [, text, seconds] = FIELD_TIME.exec(line) ?? [];
  if (seconds !== undefined) return { timeUs: Math.floor(Number(seconds) * 1e6), resolutionUs: 1 };
  return read(text ?? LEADING_TIME.exec(line)?.[1] ?? '');
}

function read(text: string): ReadTimestamp {
  const time = readTimestamp(text);
  if (time !== undefined) return time;
  throw new MvccwError('FORMAT', 'it names a revision, and no date and time that can be read', {
    hint: 'times are in RFC 3339, as etcd and container logs write them; klog alone names no year',
  });
}
