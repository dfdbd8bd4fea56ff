export const KUBERNETES_TOPIC = `"--decode auto" shows what an apiserver has stored. A value is recognised as it lies: protobuf of any type, JSON and CBOR
of custom resources, and what was encrypted before it came to etcd, of which only provider and key are named. Of an
object it shows who it is, its labels, who wrote it last and when (from its managedFields), and its fields.

  $ mvccw --db cluster.db get /registry/configmaps/default/cache-config --decode auto
  /registry/configmaps/default/cache-config
  v1 ConfigMap default/cache-config, uid 4e3e4c36-5eae-4d34-8f69-554bec9ab150, last written by kubectl-edit (Update) at …
    metadata.name: "cache-config"
  …
    data.level: "warn"
    data.n: "25"
    binaryData.bin: 0x00ff01

The metadata has its names in every type. So have all fields of Secrets, ConfigMaps and Leases, the fields most looked
for of Pods, Deployments, ReplicaSets, Events, Nodes, Namespaces and Endpoints, and custom resources. Other fields of a
protobuf object have their numbers in place of names, as no value says them. An apiserver stores fields that nobody has
set, as 0 or "": they are left out here, but not where one has changed from or to that, and not in JSON. An entry of
managedFields is one line, with the time of the last write and the fields that the manager owns.

  $ mvccw --db cluster.db get /registry/minions/node-1 --decode auto | tail -9
    status.capacity.cpu: "4"
    status.capacity.memory: "16Gi"
    status.conditions[Ready].type: "Ready"
    status.conditions[Ready].status: "True"
  …
    status.nodeInfo.kubeletVersion: "v1.36.0"

"mvccw history" and "mvccw diff" decode by themselves, and tell changes by field; of an entry of managedFields they tell
which fields its manager gained and lost:

  $ mvccw --db cluster.db diff --rev 899..901 | tail -9
  ~ /registry/pods/default/web-cfjrkszkb-r8kwx
      revision 899 -> 901, version 2 -> 3
      +metadata.managedFields[kubelet Update status v1]: 2026-11-28T04:58:31Z, status(phase podIP startTime)
      -status.phase: "Pending"
      +status.phase: "Running"
      -status.podIP: ""
      +status.podIP: "10.244.3.107"
      +status.startTime: 2026-11-28T04:58:31Z
  keys: 1 added, 0 removed, 1 changed, 67 the same

Who wrote an object is told put by put, and field by field since when each has been so and who owns it; of fields that
have numbers the owner is not known. Where there is a log, "mvccw blame" tells member and request too.

  $ mvccw --db cluster.db blame /registry/deployments/default/cache --from-rev 993
  993_0 PUT /registry/deployments/default/cache  manager kube-controller-manager (Update of status) at 2026-11-28T04:58:49Z
  Hint: nobody recorded who wrote: …
  $ mvccw --db cluster.db blame /registry/deployments/default/cache --fields | grep replicas
  992_0    kubectl-client-side-apply (Update) and kubectl (Apply)  spec.replicas: 3
  993_0    kube-controller-manager (Update of status)              status.replicas: 3

In JSON all that is in "decoded", beside the bytes of the value. "mvccw schema replay" describes it.

  $ mvccw --db cluster.db get /registry/pods/ --prefix --decode auto -w json |
      jq -r '.kvs[].decoded | "\\(.name) \\(.lastWriters[0].manager) \\(.content.spec.nodeName)"' | head -2
  cache-d9vzqj46h-l6xbn kubelet node-1
  cache-d9vzqj46h-zx6wj kubelet node-3

The data of Secrets is hidden, also in annotations, in other objects that hold a Secret, and in bytes that may be one but
cannot be read; JSON then has no "value" either. "--show-secrets" shows all of it, and so does "--decode raw", which
shows the bytes as they are.

  $ mvccw --db cluster.db get /registry/secrets/default/cache-0 --decode auto | grep data.token:
    data.token: (hidden, 12 bytes)
  $ mvccw --db cluster.db get /registry/secrets/default/sealed --decode auto
  /registry/secrets/default/sealed
  encrypted by aescbc v1 with the key named key1, 263 bytes

An apiserver from 1.33 on compares its watch cache with etcd, and logs "Cache consistency check failed" with a
resourceVersion and two digests where they differ. The same digests of a file at that revision tell whether the cause lies
in etcd, as it does where an object is stored under a key that is not its own (kubernetes #135115):

  $ mvccw --db cluster.db check --kube-digest /registry/configmaps/ --rev 1000
  object      revision 122: "/registry/configmaps/default/other-name" holds the v1 ConfigMap shop/real-name, …
              …
  /registry/configmaps/ at resourceVersion 1000: 4 objects
  etcdDigest   459534580db04690
  cacheDigest  6adfdcc351ba7812

put, get, del, txn, watch and replay show the bytes unless they are told to decode, as scripts rely on them. What undelete
and dump print has all values as they are stored, those of Secrets too, and so has a command that "watch" runs.
`;
