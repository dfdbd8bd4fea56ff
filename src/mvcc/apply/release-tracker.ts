// What the log says of the release of the cluster.

import type { RaftRequest } from '../../wal/request.js';

export class ReleaseTracker {
  private major = 0;
  private minor = 0;

  constructor(clusterVersion: string | undefined) {
    if (clusterVersion !== undefined) this.setVersion(clusterVersion);
  }

  private setVersion(version: string): void {
    const [, major, minor] = /^(\d+)\.(\d+)\.\d+/.exec(version) ?? [];
    if (minor !== undefined) [this.major, this.minor] = [Number(major), Number(minor)];
  }

  get isKnown(): boolean {
    return this.major > 0;
  }

  /** Whether the cluster is of an older release than this one, or of one that is not known. */
  isBefore(major: number, minor: number): boolean {
    return this.major < major || (this.major === major && this.minor < minor);
  }

  see(request: RaftRequest): void {
    if (request.kind === 'clusterVersionSet') this.setVersion(request.version);
    else if (request.kind === 'v2' && request.method === 'PUT' && request.path.endsWith('/version')) {
      this.setVersion(request.value);
    }
  }
}
