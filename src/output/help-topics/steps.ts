import { MAX_STEPS_BYTES } from '../../replay/run/bounds.js';

export const STEPS_TOPIC = `A step scenario is a file of single operations, one JSON object a line, also packed with gzip, of at most
${MAX_STEPS_BYTES} bytes unpacked. It runs on a temporary
store, one operation after the other and without a clock, and prints a trace: what each operation came to. Such traces
were recorded from real releases of etcd, and this is how mvccw is compared with them.

  $ cat two.scenario.jsonl
  {"op": "put", "key": "a", "value": "1"}
  {"op": "watch", "watcher": "w", "key": "a", "startRev": 2}
  {"op": "sync"}
  {"op": "recv", "stream": "w"}
  $ mvccw steps two.scenario.jsonl --as-etcd 3.5.12
  …

The operations:

  put, delete        write "key" and "value"; delete "key" or up to "end". "key64" and the like hold base64.
  range, txn         read keys; several of these operations as one revision, in "ops"
  compact, hash      at the revision "rev"
  watch, cancel      start and end the watch "watcher"
  recv               take responses off a "stream"
  sync, victims      one sync pass; one try to send what did not fit
  progress           ask for progress of a "watcher"; progressAll, of a "stream"
  restart, restore   restart the store; restore it as from the leader's snapshot
  grant, revoke      grant and revoke a "lease"
  leases, dump       print the leases; print all records
  state              print the groups of the watchers
  defrag             give free pages back
  config             set parameters of the watch algorithm

"npm run traces -- DIR..." in a clone of the project checks folders of pairs NAME.scenario.jsonl[.gz] and
NAME.trace.jsonl[.gz].

A trace can record that etcd itself ended with a panic. This happens when a transaction deletes and puts one key, and
compaction is asked for at exactly that revision: etcd then loses the record of the put, and panics at the next read. The
API of etcd refuses such transactions, and so does "mvccw txn". In a trace, mvccw compacts to the same bytes, so that
hashes agree, but does not panic: reading that key is an error with exit status 3, everything else can still be read, and
the trace ends with {"panic": …} as the recorded one does.
`;
