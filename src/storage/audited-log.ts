// Checks the log of a member, and the database beside it. Nothing is written.

import { MvccwError } from '../errors.js';
import type { KnownMembers } from '../inspect/blame/proposers.js';
import { readCluster } from '../inspect/cluster.js';
import { auditDatabase, lastApplied } from '../inspect/wal/check/audit-database.js';
import { auditLog } from '../inspect/wal/check/audit-log.js';
import type { AuditedFile } from '../inspect/wal/check/audit-state.js';
import { type AuditStep, isLogDamage } from '../inspect/wal/check/log-finding.js';
import { findParting } from '../inspect/wal/check/parting.js';
import { membersInLog } from '../inspect/wal/log-members.js';
import type { AppliedLog } from '../mvcc/apply/apply-log.js';
import type { RaftLog } from '../wal/raft-log.js';
import { etcdFileAt, etcdFileIn, statOf } from './database-path.js';
import { type EtcdFile, openEtcdFile } from './etcd-file.js';
import type { Listener } from './listener.js';
import { type OpenLog, openLog } from './log-directory.js';
import { baseFor } from './log-source.js';
import { openUnpacked } from './open-unpacked.js';

/** Few pages of a database are read more than once. */
const CACHE_BYTES = 8 * 1024 * 1024;

export interface AuditPaths {
  /** A data directory or, if `wal` is given, the database of the same member. */
  readonly db: string;
  readonly wal?: string | undefined;
  /** An older database, from which the log goes on. */
  readonly base?: string | undefined;
  /** The data directory of another member. */
  readonly against?: string | undefined;
}

export const COMPARED = ['all', 'part', 'none'] as const;
export type Compared = (typeof COMPARED)[number];

export interface AuditResult {
  readonly path: string;
  readonly findings: number;
  /** How many of them tell that a part of the log is missing or cannot be read. */
  readonly damages: number;
  /** How much of what the database holds was compared: all up to its last entry, what is before a gap, or nothing. */
  readonly compared: Compared;
}

interface Member {
  readonly log: OpenLog;
  readonly file: EtcdFile | undefined;
}

/** Gives each step to `onStep`, with the members that the log and the database know. */
type OnStep = (step: AuditStep, members: KnownMembers) => Promise<void> | void;

/** Opens what can be opened, and closes it at the end. */
class Opened {
  private readonly closing: { close(): void }[] = [];

  constructor(private readonly listener: Listener) {}

  async file(path: string): Promise<EtcdFile> {
    const file = await openUnpacked(path, this.listener.onProgress);
    const opened = openEtcdFile(path, { file, cacheBytes: CACHE_BYTES });
    this.closing.push(opened);
    return opened;
  }

  /** The database is opened first: whatever it has applied, the log then has too. */
  async member(db: string, wal?: string): Promise<Member> {
    const path = wal === undefined ? etcdFileIn(db) : etcdFileAt(db).path;
    const file = path === undefined || statOf(path) === undefined ? undefined : await this.file(path);
    const log = openLog(wal ?? db, this.listener);
    this.closing.push(log);
    return { log, file };
  }

  close(): void {
    for (const one of this.closing.reverse()) one.close();
  }
}

export async function checkLog(paths: AuditPaths, onStep: OnStep, listener: Listener = {}): Promise<AuditResult> {
  const { db, wal, base: basePath, against } = paths;
  const opened = new Opened(listener);
  try {
    const { log, file } = await opened.member(db, wal);
    const named = basePath === undefined ? undefined : await opened.file(etcdFileAt(basePath).path);
    const base = named && baseFor(log.raft, named, file);
    const members = membersOf(log.raft, file);
    let [findings, damages] = [0, 0];
    const tell = async (step: AuditStep) => {
      if ('finding' in step) {
        findings++;
        if (isLogDamage(step.finding.kind)) damages++;
      }
      await onStep(step, members);
    };
    for (const step of auditLog(log.raft)) await tell(step);
    const applied = file && (await audit(file, log, base, tell, listener));
    if (against !== undefined) {
      const other = await opened.member(against);
      checkCluster(log, other.log);
      const theirBase = named && baseFor(other.log.raft, named, other.file);
      const theirs = other.file && (await audit(other.file, other.log, theirBase, () => undefined, listener));
      if (applied === undefined || theirs === undefined) {
        throw new MvccwError(
          'FORMAT',
          `the two members cannot be compared: ${applied === undefined ? db : against} does not tell what its log has made`,
          {
            hint: 'give data directories whose logs begin with the first entry, or the database from which both go on: --base SNAPSHOT',
          },
        );
      }
      const one = { name: log.directory, raft: log.raft, applied };
      for (const step of findParting(one, { name: other.log.directory, raft: other.log.raft, applied: theirs })) {
        await tell(step);
      }
    }
    return { path: log.directory, findings, damages, compared: comparedOf(file, applied) };
  } finally {
    opened.close();
  }
}

function comparedOf(file: EtcdFile | undefined, applied: AppliedLog | undefined): Compared {
  if (file === undefined || applied === undefined) return 'none';
  return applied.lastIndex >= (lastApplied(file) ?? 0) ? 'all' : 'part';
}

/** Checks a database against its log. Throws IO if a server has written to it meanwhile. */
function audit(
  file: EtcdFile,
  { raft, directory }: OpenLog,
  base: AuditedFile | undefined,
  tell: (step: AuditStep) => Promise<void> | void,
  { onProgress }: Listener,
): Promise<AppliedLog | undefined> {
  return file.whileUnchanged(async () => {
    file.verifyTrailer();
    const onIndex = (index: number) => onProgress?.(`applying ${directory}`, index, raft.lastIndex);
    const steps = auditDatabase({ raft, database: file, base, onIndex });
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      // What a server has done to the database meanwhile must not count as a finding.
      if ('finding' in step.value) file.checkUnchanged();
      await tell(step.value);
    }
  });
}

/** Throws USAGE if two logs are of different clusters: their entries have nothing to do with one another. */
function checkCluster(one: OpenLog, other: OpenLog): void {
  const [a, b] = [one.raft.metadata?.clusterId, other.raft.metadata?.clusterId];
  if (a === undefined || b === undefined || a === b) return;
  throw new MvccwError(
    'USAGE',
    `${one.directory} is of cluster ${a.toString(16)}, and ${other.directory} of cluster ${b.toString(16)}`,
    {
      hint: '--against is for another member of the same cluster',
    },
  );
}

function membersOf(raft: RaftLog, file: EtcdFile | undefined): KnownMembers {
  const known = file && readCluster((bucket) => file.entriesOf(bucket));
  return known === undefined || known.members.length === 0 ? membersInLog(raft) : known;
}
