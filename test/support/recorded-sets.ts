// This module gives the recorded data directories with what their recorder knew, in one form: those of fixtures/datadirs,
// or of any folder of sets that $MVCCW_DATADIRS names, where each member is an archive MEMBER.tar.gz. There are two
// layouts of what the recorder wrote; the older one has the members in an object.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DATA_DIRECTORIES, dataDirectoryFile, unpackDataDirectory } from './data-directories.js';
import { parseExactly } from './snapshots.js';

/** A record as the recorder wrote it; a value that is too long stands as `sha256:HEX:LENGTH`. */
export interface RecordedKeyValue {
  readonly key64: string;
  readonly value64: string;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly version: number;
  readonly lease: number | string;
}

interface RecordedEvent extends RecordedKeyValue {
  readonly rev: number;
  readonly sub: number;
  readonly type: 'put' | 'delete';
}

interface RecordedGet {
  readonly key64: string;
  readonly end64: string | undefined;
  readonly rev: number;
  readonly kvs: readonly RecordedKeyValue[];
}

/** A request that made a revision of its own, as far as its answer tells. */
interface RecordedRequest {
  readonly op: string;
  readonly revision: number;
  readonly user: string;
  readonly member: string;
  /** When the answer had come, in ms since 1970. */
  readonly answeredMs: number;
}

export interface RecordedMember {
  readonly name: string;
  /** The newest revision that it had applied, or would when it starts. */
  readonly currentRev: number;
  /** The last revision up to which it has what the truth has. */
  readonly truthRev: number;
}

/** Returns the last revision that all members have alike: behind it, each counts by itself. */
export function commonRev({ members }: RecordedSet): number {
  return Math.min(...members.map(({ currentRev, truthRev }) => (truthRev < currentRev ? truthRev : Number.MAX_VALUE)));
}

export interface RecordedSet {
  readonly name: string;
  readonly members: readonly RecordedMember[];
  /** The lowest 16 bits of the ids of the members, by their names. */
  readonly memberBits: ReadonlyMap<string, number>;
  readonly truth: readonly RecordedEvent[];
  readonly gets: readonly RecordedGet[];
  readonly requests: readonly RecordedRequest[];
  /** Writes the data directory of a member into a folder, and returns its path. */
  unpack(member: string, folder: string): string;
  /** Writes the snapshot that the log goes on from; undefined if there is none. */
  unpackBase(folder: string): string | undefined;
}

const OTHERS = process.env.MVCCW_DATADIRS;

export function recordedSets(): RecordedSet[] {
  if (OTHERS === undefined) return Object.keys(DATA_DIRECTORIES).map((name) => setOf(name, fixture(name)));
  return readdirSync(OTHERS)
    .filter((name) => existsSync(join(OTHERS, name, 'truth.jsonl.gz')))
    .sort()
    .map((name) => setOf(name, archive(join(OTHERS, name))));
}

interface Files {
  readonly directories: readonly string[];
  read(name: string): Buffer;
  unpack(member: string, folder: string): string;
  readonly base: (() => Buffer) | undefined;
}

function fixture(name: string): Files {
  return {
    directories: DATA_DIRECTORIES[name]!,
    read: (file) => dataDirectoryFile(name, file),
    unpack: (member, folder) => unpackDataDirectory(name, member, folder, true),
    base: name === 'purged-35' ? () => dataDirectoryFile(name, 'base.db') : undefined,
  };
}

function archive(path: string): Files {
  const base = join(path, 'base.db.gz');
  return {
    directories: readdirSync(path).flatMap((name) => (name.endsWith('.tar.gz') ? [name.slice(0, -7)] : [])),
    read: (file) => {
      const packed = join(path, `${file}.gz`);
      return existsSync(packed) ? gunzipSync(readFileSync(packed)) : readFileSync(join(path, file));
    },
    unpack(member, folder) {
      const target = join(folder, `${basename(path)}-${member}`);
      mkdirSync(target, { recursive: true });
      const { status, stderr } = spawnSync('tar', ['-xzf', join(path, `${member}.tar.gz`), '-C', target]);
      if (status !== 0) throw new Error(`tar: ${stderr}`);
      return existsSync(join(target, 'member')) ? target : join(target, member);
    },
    base: existsSync(base) ? () => gunzipSync(readFileSync(base)) : undefined,
  };
}

function linesOf(bytes: Buffer): Record<string, unknown>[] {
  const lines = bytes.toString().split('\n');
  const parse = (line: string) => (/[:,[]\d{16}/.test(line) ? parseExactly(line) : JSON.parse(line));
  return lines.filter((line) => line !== '').map(parse);
}

// biome-ignore lint/suspicious/noExplicitAny: what the recorder wrote has two layouts
type Any = any;

function setOf(name: string, files: Files): RecordedSet {
  const expected = parseExactly(files.read('expected.json').toString()) as Any;
  const truth = linesOf(files.read('truth.jsonl')) as unknown as RecordedEvent[];
  const isOlder = !Array.isArray(expected.members);
  return {
    name,
    members: files.directories.map((member) => memberOf(member, expected, isOlder)),
    memberBits: new Map(idsOf(expected, isOlder)),
    truth,
    gets: (expected.gets as Any[]).map(isOlder ? olderGet : newerGet),
    requests: linesOf(files.read('requests.jsonl')).flatMap(isOlder ? olderRequest : newerRequest),
    unpack: files.unpack,
    unpackBase(folder) {
      if (files.base === undefined) return undefined;
      const path = join(folder, 'base.db');
      writeFileSync(path, files.base());
      return path;
    },
  };
}

function memberOf(name: string, expected: Any, isOlder: boolean): RecordedMember {
  if (isOlder) {
    const { currentRevision: currentRev } = expected.members[name];
    return { name, currentRev, truthRev: currentRev };
  }
  const currentRev = expected.revision_at_stop?.[name] ?? expected.final_revision;
  const parted = (expected.diverged ?? []).find(({ asked }: Any) => asked === name);
  return { name, currentRev, truthRev: parted?.revision_on_asked ?? currentRev };
}

function* idsOf(expected: Any, isOlder: boolean): Iterable<[string, number]> {
  if (!isOlder) {
    for (const { name, member_id: id } of expected.members) yield [name, Number(BigInt(`0x${id}`) & 0xffffn)];
    return;
  }
  for (const [name, { status }] of Object.entries<Any>(expected.members)) {
    yield [name, Number(BigInt(status.header.member_id) & 0xffffn)];
  }
}

function olderGet({ key, rev, kvs }: Any): RecordedGet {
  return {
    key64: Buffer.from(key).toString('base64'),
    end64: undefined,
    rev,
    kvs: kvs.map(({ key: key64, value = '', lease = 0, ...rest }: Any) => ({ key64, value64: value, lease, ...rest })),
  };
}

function newerGet({ key64, end64, rev, kv, kvs }: Any): RecordedGet {
  return { key64, end64, rev, kvs: kvs ?? (kv === null ? [] : [kv]) };
}

function olderRequest({ op, user, member, revision, exit, t1_ms: answeredMs }: Any): RecordedRequest[] {
  // Only of a put it is known that it made the revision of its answer.
  return op === 'put' && exit === 0 && revision !== null
    ? [{ op, user: user ?? '', member, revision, answeredMs }]
    : [];
}

function newerRequest({ op, user = '', member, revision, changed, error, t1_ms: answeredMs }: Any): RecordedRequest[] {
  const isSure = ['put', 'delete', 'txn'].includes(op) && changed && error === undefined;
  return isSure ? [{ op, user, member, revision, answeredMs }] : [];
}

/** Returns a value as the recorder wrote it. */
export function recordedValue(value: Buffer): string {
  if (value.length <= 4096) return value.toString('base64');
  return `sha256:${createHash('sha256').update(value).digest('hex')}:${value.length}`;
}
