export const JSON_TOPIC = `"-w json" prints one JSON object a line. The fields of put, get, del, txn, lease and watch are those of
"etcdctl -w json", without what only a cluster has: the ids of cluster, member and raft. Integers are written in full,
also above 2^53. Keys and values are base64.

  $ mvccw put greeting hello
  OK
  $ mvccw get greeting -w json | jq -r '.kvs[0].value | @base64d'
  hello

Each line of "mvccw replay" has "schema" (the version of the format, 1) and "kind". "mvccw schema replay" prints the JSON
schema of all of them.

  response     a response, as its consumer takes it. Its "response" has the fields of "etcdctl watch -w json".
  replay       with --summary or --trace, the first line: what is replayed, as which release
  watcher      with --summary or --trace: what a watcher came to, with its lag over time
  cache        with --summary or --trace: what the watch cache of an apiserver and its clients came to
  violation    with --summary or --trace: a broken guarantee
  exceeded     with --summary or --trace: a limit that was exceeded
  explanation  with --explain, for each watcher: the life of one event
  difference   with --compare, for each watcher: what differs between two releases

--trace prints further kinds: what each watcher asks for, commits, sync passes, each change of a watcher's group, the server's answers when a watcher
is created or cancelled, and the parts of responses that come in several messages.

  $ mvccw case 17529 --scenario > slow.yaml
  $ mvccw replay slow.yaml -w json --check off | jq '.response.Events[].kv.mod_revision' | head -3
  2
  3
  4
  $ mvccw replay slow.yaml -w json --summary --check off |
      jq -c 'select(.kind == "watcher") | {watcher, maxLagRevs, maxDelayUs}'
  {"watcher":"slow","maxLagRevs":297,"maxDelayUs":3910000}
  $ mvccw replay slow.yaml -w json --explain /a@40 | jq -r '.says[0].text'
  The PUT was committed at 0.390s.

Times are virtual, in µs. "via" says how a response came to be:

  notify    a write, of which a synced watcher is told at once
  sync      a sync pass over the unsynced watchers
  victim    a later try, after the stream was full
  cancel    the end of a watcher
  progress  a client's request for progress, or the interval of progress notifications

With "--decode auto", "decoded" says what a value is (see "mvccw help kubernetes").

Only the trace of a step scenario has a form of its own (see "mvccw help steps").

The commands that look into a database print lines with "schema" and "kind" too; of export and status there is one. "mvccw
schema inspect" prints the JSON schema of all of them, and "mvccw schema dump" that of the lines of dump.

  blame     blame, blamedField
  check     finding, kubeDigest, check
  diff      change, prefixChange, histories, diff
  export    export
  history   revision
  salvage   loss, salvage
  status    its kind is that of the database: mvccw, etcdSnapshot or etcdFile
  undelete  undelete-put, undelete-lost, undelete
  usage     total, prefix, value, key, churn, pages, compaction
  verify    verify-violation, verify-gap, verify-watch, verify
  wal       entry, log, entryTotal, prefixTotal, wal-finding, wal-remark, wal-check
  when      when, newest, clock

  $ mvccw usage --db snapshot.db -w json | jq -r 'select(.kind == "prefix") | "\\(.bytes) \\(.prefix | @base64d)"' | head -1
  35387 /registry/pods/
`;
