export const SHARING_TOPIC = `Several processes can share a database. They write one at a time. A reader sees one moment of the database and blocks
nobody. "mvccw watch" shows what any process writes.

A command that printed OK has its data on the disk: each commit waits for the disk once (fdatasync). New files can be
read by their owner only.

LMDB, which holds the database, maps its file into memory and keeps no checksums. Damage within its pages is often
noticed, with exit status 3, but it can also end the process by a signal. So keep copies of the directory. Equal output of
"mvccw hash" says that two copies hold the same.

  $ mvccw import snapshot.db
  …
  $ mvccw hash
  ./mvccw.db, …

"mvccw check" reads all of a database and says everything that is wrong with it. "mvccw check --repair" makes anew what
follows from the records. A new database appears whole or not at all, also when the power fails. What a killed process
leaves beside a database, the next writer removes.

An etcd file is only read, never written. "mvccw import FILE" makes a database of it, which has an index: opening it
takes the same time at any size.
`;
