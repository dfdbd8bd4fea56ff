export const LEASES_TOPIC = `A lease is granted for a time (TTL), and keys attached to it go when it runs out. A server of etcd revokes a lease at
that moment. Here no process runs all the time: the deadline is kept in the database, and the next command that opens it
for writing revokes what has run out, each lease in a revision of its own. While "mvccw watch" or "mvccw lease keep-alive"
runs, that is within a second.

So leases differ from those of a server:

- A command that only reads changes nothing. It still finds the keys of a lease that has run out and is not yet revoked.
- A lease that has run out cannot be kept alive late. A command that writes revokes it first, and then it is not there.
- A deadline is a time of day. It goes on while no process runs, where a server that starts, or a new leader, gives each
  lease its whole time again. A clock that is set back gives no lease more than its TTL.
- All that has run out is revoked at once, in the order of deadlines. A server spreads it, 1,000 leases a second.
- A lease that comes from an etcd file has no deadline. It keeps its id, TTL and keys until "lease keep-alive" starts its
  time, so that an imported snapshot stays what it was. "lease timetolive" and "lease list" say so (in JSON:
  "no-deadline":true).
- "export" writes leases as etcd keeps them, without deadlines: the time of each begins anew where the file is restored.

For example:

  $ mvccw --db snapshot.db lease list
  found 2 leases
  0000000000001111
  0000000000003333
  Hint: 2 of 2 have no deadline: …
  $ mvccw lease grant 60
  lease … granted with TTL(60s)
`;
