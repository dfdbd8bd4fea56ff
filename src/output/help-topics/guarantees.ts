export const GUARANTEES_TOPIC = `Every replay checks what a watch promises, as etcd's own robustness tests define it. A broken guarantee is told on
stderr with its watcher, revision, key and rule, and the exit status is 1. "--check off" saves the work.

  filter          every event has a key of the watched range and a type that is not filtered
  ordered         the revisions of events never decrease
  unique          no event comes twice
  atomic          the events of one revision come in one response
  bookmarkable    after progress at a revision only later events come, and progress never goes back
  resumable       the first event is the first of the history from the start revision on
  is-create       an event is a creation just when the key was absent one revision before
  reliable        between the first and the last event, none is missing
  previous-value  the previous value is that of one revision before, or absent where compaction took it

Two more are checked beside those of etcd's tests:

  final           nothing comes after the cancel
  undelivered     a synced watcher has every event up to the revision of the store

A client that loses its connection and resumes is held to them across its connections, so that what it lost, or saw
twice, is told. One that lists again, because its watcher was compacted, is owed what comes behind its list. After a
restore from an older backup, clients are owed what is written from then on, and what they had not seen up to the backup.

A watch that was recorded is held to them by "mvccw verify", with a database as the truth.

Lateness is no broken guarantee, as etcd promises no time. Limits make it a failure too, so that a replay is a test in CI:
--max-lag N, --max-delay TIME and --max-memory SIZE of "mvccw replay", or "limits" in a scenario.

  $ mvccw case 18089 --as-etcd 3.5.15 --scenario > delete.yaml
  $ mvccw replay delete.yaml --summary
  pods  1 event in 1 batch, synced; at most 1 revision and 0.080s behind; 1 not delivered
        lost 1 event: /a@4
  Replayed as etcd 3.5.15.
  Broken guarantee: watcher pods, revision 5, key /b: broke resumable (…
  $ mvccw replay delete.yaml --summary --as-etcd 3.5.16
  pods  2 events in 1 batch, synced; …
  Replayed as etcd 3.5.16.
`;
