// What the log says of the release of the cluster, and of the starts of the member that it is of.

import type { RaftRequest, RequestHeader } from '../../wal/request.js';

const MEMBER_BITS = 0xffff;

/** A process counts its ids on by a ms for every 256; a jump of more than this is another process. */
const RESTART_MS = 2000;

export class ReleaseTracker {
  private major = 0;
  private minor = 0;
  private readonly ownBits: number | undefined;
  /** The time in the last id of this member. */
  private lastMs: number | undefined;

  constructor(nodeId: bigint | undefined, clusterVersion: string | undefined) {
    this.ownBits = nodeId === undefined ? undefined : Number(BigInt.asUintN(16, nodeId));
    if (clusterVersion !== undefined) this.setVersion(clusterVersion);
  }

  private setVersion(version: string): void {
    const [, major, minor] = /^(\d+)\.(\d+)\.\d+/.exec(version) ?? [];
    if (minor !== undefined) [this.major, this.minor] = [Number(major), Number(minor)];
  }

  /** Whether the cluster is of an older release than this one, or of one that is not known. */
  isBefore(major: number, minor: number): boolean {
    return this.major < major || (this.major === major && this.minor < minor);
  }

  /** Whether this member was asked. */
  isOwn({ memberBits }: RequestHeader): boolean {
    return memberBits === this.ownBits;
  }

  /** Takes a request; returns whether it shows that this member was started again. */
  see(request: RaftRequest): boolean {
    if (request.kind === 'clusterVersionSet') this.setVersion(request.version);
    else if (request.kind === 'v2' && request.method === 'PUT' && request.path.endsWith('/version')) {
      this.setVersion(request.value);
    }
    const { header } = request;
    if (!this.isOwn(header)) return false;
    const ms = (header.idHigh & MEMBER_BITS) * 2 ** 24 + (header.idLow >>> 8);
    const isStart = this.lastMs !== undefined && ms > this.lastMs + RESTART_MS;
    this.lastMs = ms;
    return isStart;
  }
}
