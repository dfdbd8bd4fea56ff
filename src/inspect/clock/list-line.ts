// Reads lists of revisions and times. A line is an object in JSON, or values of CSV whose first line may name them; it
// names a revision and one or more of
//
//   time                 the time of the commit, as exact as it is written
//   notBefore, notAfter  bounds of it
//   seen, received       when somebody had got the revision
//
// What `mvccw when -w json` prints is such a list. So is the audit log of an apiserver, where it has what was answered:
// an object with its resourceVersion.

import { MvccwError } from '../../errors.js';
import { type ReadTimestamp, readTimestamp } from '../../kube/timestamp.js';
import type { Piece } from './log-line.js';

type Role = 'revision' | 'time' | 'notBefore' | 'notAfter' | 'seen';

/** The names of the fields, in lower case and without underscores. */
const ROLES: Readonly<Record<string, Role>> = {
  revision: 'revision',
  rev: 'revision',
  modrevision: 'revision',
  resourceversion: 'revision',
  time: 'time',
  timestamp: 'time',
  committed: 'time',
  ts: 'time',
  notbefore: 'notBefore',
  notafter: 'notAfter',
  seen: 'seen',
  received: 'seen',
  arrival: 'seen',
};

/** The endings of names that say in which unit a number counts from 1970 on. */
const UNITS: readonly (readonly [ending: string, us: number])[] = [
  ['ms', 1e3],
  ['us', 1],
  ['ns', 1e-3],
];

interface Field {
  readonly role: Role;
  /** The µs of one unit of a number; undefined if its size has to tell. */
  readonly unitUs: number | undefined;
}

/** Returns what a field of a list is; undefined if it is of no interest. */
function fieldOf(name: string): Field | undefined {
  const plain = name.trim().toLowerCase();
  const own = ROLES[plain.replace(/[_-]/g, '')];
  if (own !== undefined) return { role: own, unitUs: undefined };
  const [, stem = '', ending] = /^(.*)_(ms|us|ns)$/.exec(plain) ?? [];
  const role = ROLES[stem.replace(/[_-]/g, '')];
  return role === undefined ? undefined : { role, unitUs: UNITS.find(([unit]) => unit === ending)?.[1] };
}

const problem = (message: string, hint?: string): MvccwError => new MvccwError('FORMAT', message, { hint });

/** Reads the lines of one list, in order. */
export class ListReader {
  /** The fields of CSV, once its first line is read. */
  private columns: readonly (Field | undefined)[] | undefined;

  /** Returns what a line says. Throws FORMAT. */
  read(line: string): Piece[] {
    const text = line.trim();
    if (text === '') return [];
    if (text.startsWith('{')) return objectPieces(parsed(text));
    const cells = cellsOf(text);
    if (this.columns === undefined) {
      const named = cells.map(fieldOf);
      if (named.some((field) => field !== undefined)) {
        this.columns = withRevision(named);
        return [];
      }
      this.columns = [fieldOf('revision'), fieldOf('time')];
    }
    const fields = this.columns.map((field, place): [Field | undefined, unknown] => [field, cells[place]]);
    return piecesOf(fields);
  }
}

const CELL = /\s*(?:"((?:[^"]|"")*)"|([^,]*))[^,]*(?:,|$)/g;

/** Splits a line of CSV. In quotes, a comma is text, and two quotes stand for one. There may be empty cells at the end. */
function cellsOf(text: string): string[] {
  if (!text.includes('"')) return text.split(',').map((cell) => cell.trim());
  return Array.from(text.matchAll(CELL), ([, quoted, plain = '']) => (quoted?.replaceAll('""', '"') ?? plain).trim());
}

function withRevision(columns: readonly (Field | undefined)[]): readonly (Field | undefined)[] {
  const has = (roles: readonly Role[]) => columns.some((field) => field !== undefined && roles.includes(field.role));
  if (has(['revision']) && has(['time', 'notBefore', 'notAfter', 'seen'])) return columns;
  throw problem('the first line names no column of revisions and one of times', LIST_HINT);
}

const LIST_HINT =
  'columns are called revision, time, notBefore, notAfter or seen; without a first line that names them, they are revision and time';

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw problem(`it is no JSON: ${(error as Error).message}`);
  }
}

interface AuditEvent {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly verb?: unknown;
  readonly requestReceivedTimestamp?: unknown;
  readonly stageTimestamp?: unknown;
  readonly responseObject?: { readonly metadata?: { readonly resourceVersion?: unknown } };
}

function objectPieces(object: object): Piece[] {
  const { kind, apiVersion } = object as AuditEvent;
  if (kind === 'Event' && typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/')) {
    return auditPieces(object as AuditEvent);
  }
  return piecesOf(Object.entries(object).map(([name, value]) => [fieldOf(name), value]));
}

const WRITES = ['create', 'update', 'patch'];

/**
 * An answer to a write holds the revision that the write made, or one from before if it changed nothing; one to a read, a
 * revision that was there.
 */
function auditPieces({ verb, requestReceivedTimestamp, stageTimestamp, responseObject }: AuditEvent): Piece[] {
  const revision = Number(responseObject?.metadata?.resourceVersion || 0);
  if (!(revision > 0) || !Number.isSafeInteger(revision)) return [];
  const isCreate = verb === 'create';
  return [
    {
      revision,
      fromUs: isCreate ? readTime(requestReceivedTimestamp, undefined).timeUs : undefined,
      untilUs: readTime(stageTimestamp, undefined).timeUs,
      untilRevision: revision,
      isNear: WRITES.includes(String(verb)),
    },
  ];
}

/** Returns what the fields of a line say. Throws FORMAT. */
function piecesOf(cells: readonly (readonly [Field | undefined, unknown])[]): Piece[] {
  const fields: Partial<Record<Role, ReadTimestamp>> = {};
  for (const [field, value] of cells) {
    if (field === undefined || value === undefined || value === '' || value === null) continue;
    fields[field.role] ??= field.role === 'revision' ? readRevision(value) : readTime(value, field.unitUs);
  }
  const { time, notBefore, notAfter, seen } = fields;
  const revision = fields.revision?.timeUs;
  if (revision === undefined) throw problem('it names no revision', LIST_HINT);
  const of = { revision, untilRevision: revision };
  const pieces: Piece[] = [];
  const endUs = time && time.timeUs + (time.resolutionUs > 1 ? time.resolutionUs : 0);
  if (notBefore !== undefined || notAfter !== undefined) {
    const isNear = time === undefined && notBefore !== undefined && notAfter !== undefined;
    pieces.push({ ...of, fromUs: notBefore?.timeUs, untilUs: notAfter?.timeUs, isNear });
    // Beside bounds, a time is only the likeliest one.
    if (time !== undefined)
      pieces.push({ revision, untilRevision: 0, fromUs: undefined, untilUs: endUs, isNear: true });
  } else if (time !== undefined) {
    pieces.push({ ...of, fromUs: time.timeUs, untilUs: endUs, isNear: true });
  }
  if (seen !== undefined) pieces.push({ ...of, fromUs: undefined, untilUs: seen.timeUs, isNear: time === undefined });
  if (pieces.length === 0) throw problem('it names no time', LIST_HINT);
  return pieces.map((piece) => (piece.untilUs === undefined ? { ...piece, untilRevision: 0 } : piece));
}

function readRevision(value: unknown): ReadTimestamp {
  const revision = Number(value);
  if (!/^\d+$/.test(String(value)) || !(revision > 0) || !Number.isSafeInteger(revision)) {
    throw problem(`${JSON.stringify(value)} is no revision`);
  }
  return { timeUs: revision, resolutionUs: 1 };
}

/** Returns a time: RFC 3339, or a number since 1970, whose unit its size tells if nothing else does. */
function readTime(value: unknown, unitUs: number | undefined): ReadTimestamp {
  const text = String(value);
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    const us = unitUs ?? unitOf(number);
    const timeUs = Math.floor(number * us);
    if (timeUs > 0 && Number.isSafeInteger(timeUs)) return { timeUs, resolutionUs: text.includes('.') ? 1 : us };
  } else {
    const time = readTimestamp(text);
    if (time !== undefined && time.timeUs > 0) return time;
  }
  throw problem(`${JSON.stringify(value)} is no time`, 'write RFC 3339, or a number of s, ms, us or ns since 1970');
}

/** Seconds of this century have 10 digits before the point, milliseconds 13, and so on. */
function unitOf(number: number): number {
  return number < 1e11 ? 1e6 : number < 1e14 ? 1e3 : number < 1e17 ? 1 : 1e-3;
}
