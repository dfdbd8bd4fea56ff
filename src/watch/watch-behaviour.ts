// A behaviour is a way in which some releases of etcd watch otherwise than they should. Each is a switch of its own,
// and none is on by default. src/replay/releases/etcd-release.ts says which release has which.

export type WatchBehaviour =
  /** The server answers a progress request at once, ahead of events, even to unsynced watchers (etcd issue 15220). */
  | 'progressAll'
  /** A progress request waits until all watchers are synced, and swallows those behind it (etcd issue 17507). */
  | 'deferredProgress'
  /** The server accepts start revision -1, which spoils the sync pass that looks at it (etcd pull request 20693). */
  | 'negativeStart'
  /** A delivered notification does not advance minRev (etcd issue 15271). */
  | 'notifyMinRev'
  /** A watcher whose cancel found the stream full counts as synced, and loses events (etcd issue 17529). */
  | 'compactedChannelFull'
  /** A sync pass lowers the minRev of a restored watcher with a future start (etcd issue 20221). */
  | 'futureMinRev'
  /** A watcher that waits for a future start is sent progress. */
  | 'futureProgress'
  /** A sync pass keeps the events that it has read for the next pass. */
  | 'eventsKept'
  /**
   * A full pass cancels a compacted watcher and leaves it unsynced, so that it is cancelled again (etcd issue 22294).
   */
  | 'compactCancelRepeated';

export interface WatchBehaviours {
  has(behaviour: WatchBehaviour): boolean;
}

export const NO_BEHAVIOUR: WatchBehaviours = new Set();
