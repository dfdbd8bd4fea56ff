export const APISERVER_TOPIC = `Only apiservers watch the etcd of Kubernetes, and kubelets and controllers are clients of their watch caches.
"mvccw replay --watchers kube-apiserver" has the watches that an apiserver holds, one for each resource of which the history
has objects:

  $ mvccw replay --db cluster.db --watchers kube-apiserver --base-rev 900 --as-etcd 3.5.30 --summary | head -3
  Hint: events have no watch cache: each client that watches them has a watch of etcd, …
  configmaps           9 events in 9 batches, synced
  deployments          11 events in 11 batches, synced
  example.com/widgets  9 events in 9 batches, synced

What such a watch is, as the source of Kubernetes has it (pkg/storage of k8s.io/apiserver):

  range         ROOT/RESOURCE/ for what Kubernetes itself has, ROOT/GROUP/RESOURCE/ for custom resources; nodes are stored
                as minions, services and endpoints under services/. ROOT is /registry, or what --etcd-prefix says.
  start         the revision of its list + 1: that of --base-rev, else before all that can be read
  prevKv        always
  progress      by interval from 1.21 on. From 1.31 on it is also asked for each 100ms while a consistent read waits, which
                a history does not say: a stream's cache has "progressEvery" for that.
  streams       one for each resource: an apiserver has a client of etcd for each (kubernetes #111622), and that client
                gathers on a stream what has the same metadata: all watches require a leader. From 1.28 to 1.32 the cache had
                a stream of its own beside watches that no cache serves.
  not cached    events, for which each client has a watch of etcd; masterleases and ranges, which are not watched
  afterwards    it resumes as etcd's client, also from progress, and lists again when its revision is compacted

A resource without objects has a watch too, which is sent nothing but progress: it is not there. What is played is one
apiserver; where three serve a cluster, etcd has each of these watches three times.

An audit log tells of the clients (--watchers audit:FILE): their user, what they watch, from which resourceVersion, from when
to when. How fast they read, it does not tell: each reads at once, unless a scenario says otherwise. Selectors of labels and
of fields other than name and namespace are not applied. A watch that no cache serves is one of etcd, on the stream of its
resource: of events, and before 1.27 those without a resourceVersion. With --arrivals, the times of the log and of the
commits are on one clock.

Metrics tell only numbers (--watchers metrics:FILE): those of an apiserver, how many watches of each resource it serves
(apiserver_longrunning_requests), which become clients of the whole resource; those of etcd, how many watchers and streams
it has (etcd_debugging_mvcc_watcher_total), which a hint sets beside those that are played.

A scenario has the same with "watchersFrom", a list, and "etcdPrefix". "streams" then say more of a resource, here that a
client of its cache is slow (see "mvccw help scenarios"):

  $ cat nodes.yaml
  history: {database: cluster.db}
  base: 800
  arrivals: {perSecond: 20}
  watchersFrom: [kube-apiserver:1.31]
  streams:
    leases: {cache: {clients: [{name: quick}, {name: slow, consumer: {every: 3s}}]}}
  etcd: 3.5.30
  $ mvccw replay nodes.yaml --summary | grep -A 2 cache
  Hint: events have no watch cache: each client that watches them has a watch of etcd, …
  leases: the cache is at 1000, with 60 events from revision 801 on, of 100
    quick  60 events, at 1000
    slow  60 events, at 1000; at most 167.200s late, with revision 1000; cut off 2 times
`;
