export const DIFFERENCES_TOPIC = `put, get, del, txn, watch, lease, compact and defrag have the names, flags and output formats of etcdctl
(-w simple|json|fields|table). In some places mvccw answers otherwise, where a recorded session with etcdctl 3.5 shows an
oddity that a careful user would not want, or where etcdctl needs a server:

- "-w table" prints keys and values, of one above 4 KiB how large it is; etcdctl only says that it cannot, after a put or
  delete is done
- "get --count-only" prints the count in every format; "compact -w json" prints JSON
- "--hex" is for records and events; with JSON or fields it is refused, as it would change nothing; "-w protobuf" is not
  there
- a third argument of "get" and of "put", and a negative revision, are refused
- "get --sort-by --limit" without "--order" sorts all that is found, then cuts; a server cuts first
- keys and values of bytes that are not UTF-8 are given with "--key-hex" and "--value-hex"; etcdctl takes the bytes
  themselves
- "-w fields" escapes characters newer than Unicode 15.0, as Go 1.21 to 1.25 does; an older etcdctl escapes more
- "hash --rev" at exactly the compact revision is answered; servers of 3.4 from 3.4.27 on say that it is compacted
- a wrong flag names those that are right on stderr, and prints nothing to stdout
- a transaction that deletes a range from a key on and puts a key in it is refused, as other duplicates are
- "put" and "txn" take records of up to 16 MiB, key and value together; a server takes requests of up to 1.5 MiB
- on a terminal, control characters in keys and values are escaped, and "txn" and "watch -i" say what to type
- "watch --filter put|delete" leaves events out, which etcd’s API can do but etcdctl cannot ask for
- "watch --progress-interval" sets what is 10 minutes at a server; "progress" in "watch -i" is answered once, not once a
  watch
- "watch -i" shows what is committed by the end of its input, and then ends well
- a watch of "watch -i" that compaction overtakes ends alone; the others go on, and the exit status is 4
- "lease keep-alive" ends with status 4 when the lease is gone; etcdctl ends with 0
- "endpoint" and "member" are a server’s: "mvccw status" and "mvccw hash" tell of the database; "--db" stands for
  "--endpoints", and there is nobody to log in to
- "version" and "defrag" tell of mvccw and its file
- exit statuses are those of "mvccw --help"

Leases differ too: see "mvccw help leases". A replay notifies of progress exactly each interval, where a server adds up to
a tenth at random; and it sends answers before responses, where a server that has both takes either at random.
`;
