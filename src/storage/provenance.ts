// What a database knows of where its revisions come from: the entries of the log beside it, and the members it names.

import { Proposers } from '../inspect/blame/proposers.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import { readCluster } from '../inspect/cluster.js';
import type { Database } from './database.js';

const NO_MEMBERS = { members: [], removedMembers: [] };

/** Returns what is known; `nowMs` is a time that no process of etcd was started after. */
export function provenanceOf({ etcdFile, originOf }: Database, nowMs: number): Provenance {
  const cluster = etcdFile === undefined ? NO_MEMBERS : readCluster((bucket) => etcdFile.entriesOf(bucket));
  return {
    hasLog: originOf !== undefined,
    originsOf(main) {
      const origin = originOf?.(main);
      return origin === undefined ? [] : [origin];
    },
    proposers: new Proposers(cluster, nowMs),
  };
}
