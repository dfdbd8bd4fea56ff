export const CLOCKS_TOPIC = `etcd keeps no time of a commit. Three sources say when revisions were committed; --times names the one that is used, and
--arrivals of replay, or "arrivals: {clock: …}" in a scenario, lets the commits of a replay come when they were.

  kubernetes  the objects in the history, the default: renewTime of a Lease, creationTimestamp, managedFields
  log:FILE    the log of an etcd server or an apiserver, JSON or text; FILE may be packed with gzip
  FILE        a list of revisions and times, or an audit log

Each time that is read bounds a revision: it was not committed before, or not after. Commits follow one another, so that all
others are bounded too. "mvccw when" prints the bounds and what they are from; --clock shows times in other commands. Times
without a zone are in UTC.

Of objects of Kubernetes, a time is evidence only if the put before did not have it. Clocks are taken to agree within 50 ms.
Where they are seen to differ by more, the bounds are wider by half as much again as they differ; a clock that contradicts most
of the others is not used, and "mvccw when" names it. Where it cannot be told which are wrong, as of two, or because they would
be half of them or more, all are used, the bounds are as wide as they differ, and "mvccw when" says so. Before the first time
and after the last one, bounds are missing, and the likeliest time follows from the interval at which compact_rev_key is put,
from leases that ran out, and else from the pace of the commits.

In the log of a server, these lines count; others are passed over:

  trace[1] put                     took over 100 ms: its response_revision lies between its start and its end
  trace[1] transaction             its response_revision was there at its end, and the next was not at its start
  trace[1] range                   so too
  finished scheduled compaction    the revision was there; so too "compact tree index", "storing new hash"

In a list, each line is an object in JSON, or CSV whose first line may name its columns (else they are revision and time):

  revision             or rev, modRevision, resourceVersion
  time                 the time of the commit, as exact as it is written
  notBefore, notAfter  bounds, as "mvccw when .. -w json" prints them
  seen                 when somebody had the revision, as a recorder of watches notes it; or received, arrival

Times are in RFC 3339, or numbers since 1970 whose size tells their unit (s, ms, us, ns); seen_ms says it. Of an audit log,
those events count that hold what was answered (level RequestResponse), by its metadata.resourceVersion.

  $ mvccw when 940 --db cluster.db
  940  2026-11-28T04:58:36.100Z  ± 3.2s
    not before  2026-11-28T04:58:35.950Z  a time in managedFields of /registry/pods/shop/api-gpzw6b8gz-8xhrn in revision 940
    not after   2026-11-28T04:58:39.235Z  renewTime of /registry/leases/kube-system/kube-controller-manager in revision 955
  $ mvccw when 04:58:41 --db cluster.db
  2026-11-28T04:58:41.000Z  revision 958  (949 to 962)
`;
