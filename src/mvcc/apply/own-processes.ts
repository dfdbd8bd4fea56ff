// The processes of the member that a log is of, one after the other, by the ids of the requests that it was asked for. A
// process counts its ids on from the time of its start (see wal/origin.ts):
//
//   entries        12 13 15 16        19 20     22
//   ids in ms       0  0  0  1       950 950    951       two processes: the second was started 950 ms behind the first
//
// The ids of reads are not in the log, so that a process can skip some; and requests can overtake one another.

import type { RaftRequest, RequestHeader } from '../../wal/request.js';

const MEMBER_BITS = 0xffff;

/** Ids that follow one another more closely than this are of one process: none is up and down again in less. */
const SAME_PROCESS_MS = 20;

/** A process that skips so many ids at once would have read for a minute, and written nothing. */
const RESTART_MS = 2000;

export class OwnProcesses {
  private readonly ownBits: number | undefined;
  /** The time in the last id of this member. */
  private lastMs: number | undefined;
  /** The process that was seen last. Two numbers may be of one process, but what has one number is of one. */
  number = 0;

  constructor(nodeId: bigint | undefined) {
    this.ownBits = nodeId === undefined ? undefined : Number(BigInt.asUintN(16, nodeId));
  }

  /** Whether it is known which member this is. */
  get isNamed(): boolean {
    return this.ownBits !== undefined;
  }

  /** Whether this member was asked. */
  isOwn({ memberBits }: RequestHeader): boolean {
    return memberBits === this.ownBits;
  }

  /** Takes a request; returns whether it shows that this member was started again. */
  see(request: RaftRequest): boolean {
    const { header } = request;
    if (!this.isOwn(header)) return false;
    const ms = (header.idHigh & MEMBER_BITS) * 2 ** 24 + (header.idLow >>> 8);
    const skippedMs = this.lastMs === undefined ? 0 : ms - this.lastMs;
    this.lastMs = ms;
    if (Math.abs(skippedMs) <= SAME_PROCESS_MS) return false;
    this.number++;
    return skippedMs > RESTART_MS || isAnnouncement(request);
  }
}

/** Whether a request tells the address of a member: each process of a member begins with one. */
function isAnnouncement(request: RaftRequest): boolean {
  if (request.kind === 'v2') return request.method === 'PUT' && request.path.endsWith('/attributes');
  return request.kind === 'clusterMemberAttrSet';
}
