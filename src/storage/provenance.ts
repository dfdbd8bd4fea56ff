// What a database knows of where its revisions come from: the entries of the log beside it, and the members it names.

import { Proposers } from '../inspect/blame/proposers.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import type { Database } from './database.js';
import { knownMembers } from './known-members.js';

/** Returns what is known; `nowMs` is a time that no process of etcd was started after. */
export function provenanceOf({ etcdFile, log }: Database, nowMs: number): Provenance {
  return {
    hasLog: log !== undefined,
    originsOf: (main) => log?.window.originsOf(main) ?? [],
    proposers: new Proposers(knownMembers(etcdFile, log?.raft), nowMs),
  };
}
