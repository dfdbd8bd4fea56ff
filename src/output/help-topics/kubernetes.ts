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

The metadata has its names in every type. The rest of a protobuf object has the numbers of its fields in place of names,
as no value says them, but for Secrets, ConfigMaps and Leases; custom resources have all names.

  $ mvccw --db cluster.db get /registry/minions/node-1 --decode auto | tail -3
    3.7.8: ""
    3.7.9: ""
    3.7.10: ""

"mvccw history" and "mvccw diff" decode by themselves, and tell changes by field:

  $ mvccw --db cluster.db diff --rev 996..998
  --- cluster.db at revision 996
  +++ cluster.db at revision 998
  ~ /registry/deployments/shop/api
      revision 947 -> 998, version 32 -> 34
      -metadata.generation: 16
      +metadata.generation: 17
  …
      -2.1: 2
      +2.1: 1
  …

In JSON all that is in "decoded", beside the bytes of the value. "mvccw schema replay" describes it.

  $ mvccw --db cluster.db get /registry/pods/ --prefix --decode auto -w json |
      jq -r '.kvs[].decoded | "\\(.namespace)/\\(.name) \\(.lastWriters[0].manager)"' | head -2
  default/cache-d9vzqj46h-l6xbn kubelet
  default/cache-d9vzqj46h-zx6wj kubelet

The data of Secrets is hidden, also in annotations, in other objects that hold a Secret, and in bytes that may be one but
cannot be read; JSON then has no "value" either. "--show-secrets" shows all of it, and so does "--decode raw", which
shows the bytes as they are.

  $ mvccw --db cluster.db get /registry/secrets/default/cache-0 --decode auto | grep data.token
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
