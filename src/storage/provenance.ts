// What a database knows of where its revisions come from: the entries of the log beside it, and the members it names.

import { type LeaseGrant, leaseGrants } from '../inspect/blame/lease-grants.js';
import { Proposers } from '../inspect/blame/proposers.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import type { Database } from './database.js';
import { knownMembers } from './known-members.js';

/** Returns what is known; `nowMs` is a time that no process of etcd was started after. */
export function provenanceOf({ etcdFile, log }: Database, nowMs: number): Provenance {
  let grants: ReadonlyMap<bigint, LeaseGrant> | undefined;
  return {
    hasLog: log !== undefined,
    originsOf: (main) => log?.window.originsOf(main) ?? [],
    grantOf(lease) {
      grants ??= log === undefined ? new Map() : leaseGrants(log.raft);
      return grants.get(lease);
    },
    proposers: new Proposers(knownMembers(etcdFile, log?.raft), nowMs),
  };
}
