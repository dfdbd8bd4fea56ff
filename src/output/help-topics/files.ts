export const FILES_TOPIC = `Every command that reads takes with --db whatever holds the records:

  a directory of mvccw   that "mvccw put", "mvccw import" or "mvccw load" has made
  a snapshot             of "etcdctl snapshot save"; its SHA-256 is checked first
  an etcd database       member/snap/db of a server that is stopped
  a data directory       of a server, or member in it: the database and the write-ahead log
  any of these files     packed with gzip, under any name

A packed file is unpacked into a temporary file in $TMPDIR. It has no name, and is gone when the command ends, however it
ends.

The write-ahead log of a server (member/wal) holds its last 10,000 to 100,000 requests or more, compacted or not, each with
the member that took it and the user that sent it. They are applied as the server applies them. So get --rev, history, blame,
diff, replay, watch --rev, undelete, export, hash, dump and import reach below the compaction of the database, and up to what
the server would apply when it starts next. status, usage, check and salvage are about the file of the database. "mvccw wal"
prints the log.

  --db DATA-DIR               a log from entry 1 on gives all revisions; one that begins later adds to the database
  --db OLD.db --wal DATA-DIR  an older snapshot, and the log that goes on from its last entry
  --db DATA-DIR --wal DIR     a server whose log lies elsewhere (etcd --wal-dir), and its log
  --wal DATA-DIR/member/wal   only the log
  --db DATA-DIR --compacted   only the database

The database has applied the same entries, and so it is the witness of what the log gives:

  the log is damaged, or its end is missing   what is told is right up to there, and the exit status is 3
  the log and the database differ             the database is believed from there on, and the exit status is 3
  neither tells what an entry has done        the entry is named with the reason, and the exit status is 1
  entries are missing in between              nothing is guessed; the exit status is 4 for what hangs on them
  the database is of another cluster          nothing is read; the exit status is 2, or 3 where only the records tell

An etcd file is opened without the right to write and without a lock, so that it stays as it is, to the byte and to the
time of its last change, and a server can be started meanwhile. A server that runs writes to its file. Where it does so
while a command reads, the answer may be wrong: the command then ends with an error, and the exit status is 5. Take a
snapshot instead. Of a log from entry 1 on, the answer is right all the same. Commands that write, such as put and compact, refuse an etcd file; "mvccw import" makes a database of it
that they take.

  $ gzip -c snapshot.db > snapshot.db.gz
  $ mvccw hash --db snapshot.db.gz
  snapshot.db.gz, 745610261
  $ mvccw put a 1 --db snapshot.db.gz
  Error: snapshot.db.gz is a file: mvccw writes only to databases of its own
  Hint: make one of it with: mvccw import snapshot.db.gz --db DIR

What people ask of a file, and what answers:

  What is it, and whose?               mvccw status
  What was in it at a revision?        mvccw get KEY --rev N
  What happened to this key?           mvccw history KEY
  Who wrote it, through which member?  mvccw blame KEY --db DATA-DIR
  Give me back what was deleted        mvccw undelete KEY | etcdctl txn
  Who took the space?                  mvccw usage
  What differs between two?            mvccw diff A B
  What changed between two revisions?  mvccw diff --rev M..N
  Is it sound?                         mvccw check
  What is left of a damaged one?       mvccw salvage FILE --db DIR
  Restore it to a moment               mvccw export before.db --rev N, then etcdctl snapshot restore
  What Kubernetes object is this?      mvccw get KEY --decode auto  (mvccw help kubernetes)
  When was it, on the clock?           mvccw when REVISION  (mvccw help clocks)
  What has a recorded watch missed?    mvccw verify STREAM

A pod was deleted. When, what was it like before, and how does it come back?

  $ mvccw history /registry/pods/default/web-3 --stat --from-rev 340 --db snapshot.db
  343_0 PUT /registry/pods/default/web-3  generation 1, version 6, …
  355_0 DELETE /registry/pods/default/web-3  …
  Hint: revisions below 175 are compacted: …
  $ mvccw get /registry/pods/default/web-3 --rev 343 --hex --db snapshot.db | tail -1 | cut -c 1-40
  \\x6b\\x38\\x73\\x00\\x0a\\x0c\\x0a\\x02\\x76\\x31
  $ mvccw undelete /registry/pods/default/web-3 --db snapshot.db | head -1
  mod("/registry/pods/default/web-3") = "0"

The whole key space as it was before the delete, as a snapshot that etcd restores:

  $ mvccw export before.db --rev 354 --db snapshot.db
  exported snapshot.db to before.db: …
  $ mvccw get /registry/pods/default/web-3 --count-only -w fields --db before.db | tail -1
  "Count" : 1

With -w json, each of these commands prints one object a line ("mvccw help json").

  $ mvccw diff --rev 360..367 -w json --db snapshot.db | jq -r 'select(.kind == "change") | .key | @base64d' | head -2
  /registry/pods/default/web-11
  /registry/pods/default/web-16

Each command reads a large file piece by piece. On a terminal, a bar shows how far it is after a second.
`;
