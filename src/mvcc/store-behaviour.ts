// The behaviours of older releases of etcd that concern the store. Each is a switch, and all are off by default;
// src/replay/releases/etcd-release.ts says which release has which.

export type StoreBehaviour =
  /** hashKV at exactly the compact revision answers "compacted". */
  | 'hashAtCompactRev'
  /** A compaction stores no hash. */
  | 'hashNotStored'
  /** A compaction that a restart resumed stores its hash; newer releases store none. */
  | 'hashStoredWhenResumed'
  /** A restart may fall below the revision of a compaction that was cut short: etcd issue 17780. */
  | 'scheduledCompactRev'
  /** Compaction drops a tombstone at its own revision: etcd issue 18089. */
  | 'tombstoneAtCompactRev'
  /** A restart forgets a tombstone that is the first record of its key: etcd issue 19179. */
  | 'restoreTombstone';

export interface StoreBehaviours {
  has(behaviour: StoreBehaviour): boolean;
}

export const NEWEST_STORE: StoreBehaviours = new Set();
