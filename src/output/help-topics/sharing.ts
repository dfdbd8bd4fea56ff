export const SHARING_TOPIC = `Several processes can share a database. They write one at a time. A reader sees one moment of the database and blocks
nobody. "mvccw watch" shows what any process writes.

A command that printed OK has its data on the disk: each commit waits for the disk once (fdatasync). New files can be
read by their owner only.

LMDB, which holds the database, maps its file into memory and keeps no checksums. mvccw does: since format 2 each row
has a sum of its table, key and value, which is checked when the row is read, and each change writes the number and the
sum of all rows, which are compared when a database is opened and when all rows of a table have been read. So a row that
is damaged, missing, or older than the last write ends a command that meets it with exit status 3. Two cases go
by unnoticed. If all of the file is set back to an earlier commit, nothing tells. If pages of the index or the leases are
older than the last write and right in themselves, a command that reads only a part of them does not notice, but "mvccw
check" does. "mvccw status" says the format, and "mvccw defrag" makes a database of format 1 one of format 2. Keep copies of the directory all the same.
Equal output of "mvccw hash" says that two copies hold the same.

  $ mvccw import snapshot.db
  …
  $ mvccw hash
  ./mvccw.db, …

"mvccw check" reads all of a database and says everything that is wrong with it. "mvccw check --repair" makes anew what
follows from the records. A new database appears whole or not at all, also when the power fails. What a killed process
leaves beside a database, the next writer removes.

What is promised, under which fault, and by which test:

  kill -9       What a command has acknowledged is there, and nothing else but what was under way as a whole. No file
                has to be removed by hand: the next command that writes does it. (test/attack/generators/kills.ts)
  power cut     The same. (test/attack/generators/power-loss.ts)
  full disk     A command that cannot write ends with exit status 5, and has done nothing; a read-only disk is no
                different. (test/attack/generators/full-disk.ts, test/storage/disk.test.ts)
  many at once  Writers, compaction and defragmentation lose nothing of each other, and a watch sees every change once,
                in order. (test/attack/soak.test.ts, test/storage/sharing.test.ts)
  etcd file     A command answers as for the undamaged file, or ends with exit status 3, or says on stderr what is
                missing. A snapshot's SHA-256 confirms every byte; without it, the bytes of values are taken as they are,
                and so is what nothing else in the file contradicts. (test/attack/generators/etcd-pages.ts, test/attack/generators/etcd-records.ts)
  database      Damage in a page of a database of mvccw is answered in the same way, but for the two cases above; a
                command that writes does not make it worse. (test/attack/generators/lmdb-pages.ts)
  repair        What "mvccw check --repair" says to have mended is as it was before the damage.
                (test/attack/generators/lmdb-pages.ts)

Under none of them does a command hang, end by a signal, or take more than 500 MB of memory for a database of less than
1 MB. "npm run attack" runs these tests for as long as you like.

An etcd file is only read, never written. "mvccw import FILE" makes a database of it, which has an index: opening it
takes the same time at any size. A file from which something may be missing is imported only with --older-meta or
--cleared-elements; all other commands answer from what is there, and say so.
`;
