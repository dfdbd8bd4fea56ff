// How older releases of etcd keep a store otherwise than the newest: each behaviour a switch of its own. None is on by
// default; which release had which stands in src/replay/releases/etcd-release.ts.

export type StoreBehaviour =
  /** hashKV at exactly the compact revision answers "compacted". */
  | 'hashAtCompactRev'
  /** A compaction leaves no hash behind. */
  | 'hashNotStored'
  /** So does one that a restart has resumed, where newer releases leave none. */
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
