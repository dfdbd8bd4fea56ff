// How releases of etcd watch otherwise than they should: each behaviour is a switch of its own. None is on by default;
// which release has which stands in src/replay/releases/etcd-release.ts.

export type WatchBehaviour =
  /** A progress request is answered at once, ahead of events, whether watchers are synced or not: etcd issue 15220. */
  | 'progressAll'
  /** One progress request a stream waits until all are synced, and those behind it are forgotten: etcd issue 17507. */
  | 'deferredProgress'
  /** A start revision of -1 is taken, and spoils the sync pass that looks at it: etcd pull request 20693. */
  | 'negativeStart'
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
