// How releases of etcd watch otherwise than they should: each behaviour is a switch of its own. None is on by default;
// which release has which stands in src/replay/releases/etcd-release.ts.

export type WatchBehaviour =
  /** No progress request for a whole stream. */
  | 'progressAll'
  /** A delivered notification does not advance minRev: etcd issue 15271. */
  | 'notifyMinRev'
  /** A watcher whose cancel found the stream full is taken as synced, and loses events: etcd issue 17529. */
  | 'compactedChannelFull'
  /** A sync pass lowers the minRev of a restored watcher with a future start: etcd issue 20221. */
  | 'futureMinRev'
  /** Progress is sent to a watcher that waits for a future start. */
  | 'futureProgress'
  /** Events that one sync pass has read stay for the next. */
  | 'eventsKept'
  /** A pass over as many watchers as it may look at cancels a compacted one, and leaves it unsynced: etcd issue 22294. */
  | 'compactCancelRepeated';

export interface WatchBehaviours {
  has(behaviour: WatchBehaviour): boolean;
}

export const NO_BEHAVIOUR: WatchBehaviours = new Set();
