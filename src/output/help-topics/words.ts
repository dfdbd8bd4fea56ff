export const WORDS_TOPIC = `The words of the output. They are those of etcd's own source.

  revision    the number of a write transaction. Each raises it by one.
  window      the revisions that can still be read: compaction forgets all that are older.
  watcher     a watch of one key, of a range of keys, or of all keys, from a revision on.
  stream      what carries the responses to one client. It holds a limited number of them, until the client takes
              them. Several watchers can share one.
  consumer    the client at the other end of a stream.
  batch       the events of one response.
  synced      a watcher that has been sent every event there is. Each new write is sent to it at once.
  unsynced    a watcher that is behind. A sync pass, every 100 ms, reads what it lacks from the store.
  victim      a watcher whose response does not fit in its stream, because the client reads too slowly. The
              response is tried again every 10 ms.
  sync pass   one round of catching up. It serves at most 512 unsynced watchers.
  lag         how many revisions the store is ahead of the oldest event that a watcher was not given yet.
  delay       how long that event has waited. An event that later ones have overtaken is not late but lost: it
              breaks a guarantee.
  progress    a response without events: it says that the client has all events up to its revision.

The timeline of "mvccw replay --timeline" runs from left to right. It shows the group of each watcher, and below it, in
the row "behind", how many revisions the watcher is behind: a full block is the most that it ever was.

In the name of an event, /a@40, /a is the key and 40 the revision.

The interval tree holds the ranges of all watchers, so that a write finds the watchers that it reaches. "mvccw tree"
draws it, and "mvccw tree --stab KEY" names the watchers that a key reaches. A watcher is given with --watch, or once
and for all with "mvccw watcher add".

  $ mvccw watcher add pods /registry/pods/ --prefix
  Watcher pods added
  $ mvccw tree --stab /registry/pods/default/web-0
  pods
`;
