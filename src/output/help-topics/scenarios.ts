import {
  MAX_CACHE_CLIENTS,
  MAX_CHANGES,
  MAX_GOING_BACK_RECORDS,
  MAX_IDLE_RUNS,
  MAX_NOTIFICATIONS,
  MAX_SCENARIO_BYTES,
  MAX_SCENARIO_DEPTH,
  MAX_SCENARIO_PARTS,
  MAX_WATCHERS,
  MAX_WRITTEN_BYTES,
} from '../../replay/run/bounds.js';

export const SCENARIOS_TOPIC = `A scenario is a YAML file that says what happens in a replay: which history there is, who watches, how fast each
client reads, and what goes wrong meanwhile. "mvccw replay FILE" plays it on a virtual clock. The same file always
prints the same bytes.

  $ cat late.yaml
  history:                          # what is written; or {database: FILE}
    commits: [{put: {key: /pods/a, value: "{i}"}, repeat: 300}]
  base: 1                           # the store stands here at time 0 ...
  arrivals: {perSecond: 100}        # ... and the rest is committed this fast
  watchers:                         # who watches, and what
    - {name: controller, key: /pods/, prefix: true}
  streams:                          # how each client takes its responses
    controller: {consumer: {every: 9ms}}
  actions:                          # what else happens, and when
    - {at: 1s, stall: controller, for: 2s}
  limits: {delay: 1s}               # later than this is a failure
  $ mvccw replay late.yaml --summary
  controller  300 events in 229 batches, synced; at most 200 revisions and 2.000s behind
  Replayed as etcd 3.7.1.
  Exceeded limit: watcher controller was given /pods/a@101 2.000s late, …
  $ echo $?
  1

All fields but "history" have a default:

  history     "database: PATH" (relative to the file), or "commits": put, delete and txn. "repeat" writes one
              several times, with {i} counting from 0. "keyHex" and "valueHex" say that bytes are hexadecimal.
  base        the revision where the store stands at time 0. The default is the end of the history.
  from, to    the first revision of watchers without one of their own, and the last revision of the history.
  arrivals    how fast the revisions above "base" are committed: "perSecond", and "poisson: true" for random times.
              Or when they were: "clock: kubernetes", log:FILE or FILE (see "mvccw help clocks").
  watchers    name, key, and "prefix", "end" or "fromKey" as the range needs; rev, filter, prevKv,
              progressNotify, fragment, stream, repeat. A "rev" of 0 is what comes next; one below 0 is refused.
  watchersFrom, etcdPrefix   the watchers of an apiserver (see "mvccw help apiserver").
  streams     by name (a watcher without a stream has one of its own name). "consumer" is atOnce, never,
              {every: 1s} or {eventsPerSecond: 100}. "disconnectAt" and "reconnectAfter" make a client lose its
              connection; how it goes on then, see below.
  actions     at a time: watch, cancel, compact, progress (asks for it on a stream), restart, restore (from a
              snapshot of the leader, or from a backup, see below), or stall, for a while.
  parameters  chanBufLen, maxWatchersPerSync, watchBatchMaxRevs, resyncPeriod, victimRetry; and of the server,
              progressNotifyInterval (10m) and maxRequestBytes (1572864).
  limits      lag (revisions), delay (time, also of the clients of a cache) and memory (512KiB, 64MiB). More is a
              failure: exit status 1.
  etcd        the release to behave like (see "mvccw help releases").
  cost        what a sync pass costs, see below.
  seed        the seed of all that is random.
  about       a description, for people.
  until       the time at which the replay stops.

A scenario is checked when it is read: an error names the line, the field, and what is allowed. These help to write one:

  $ mvccw case 17529 --scenario > mine.yaml       # one to start from
  $ mvccw schema scenario > scenario.schema.json  # its JSON schema

An editor with the YAML language server checks and completes a file that begins with this line:

  # yaml-language-server: $schema=./scenario.schema.json

How a client goes on. "resumeFrom" says from which revision, when its connection is back:

  lastEvent       its last event + 1, as etcd's own client
  bookmark        the higher of its last event and its last progress, + 1, as a reflector of Kubernetes
  start           its first request once more: it sees events twice, or, if that had no revision, misses some
  now             what comes next: it misses what was written meanwhile
  created         its last event + 1, but the header of the created answer replaces that, as jetcd did (its #946)
  header          its last header + 1, which may be ahead of the events
  progress        its last progress + 1
  midTransaction  as lastEvent, but it has dealt with only half of its last response

"onCompacted: relist" makes it list what is there when compaction has ended its watcher, in a time of "relistAfter", and
watch from behind that; what was written before, it sees only as state, which the summary counts. "client: reflector"
stands for bookmark and relist, "client: etcd", the default, for lastEvent and end.

The watch cache of an apiserver. "client: apiserverCache" is a reflector that keeps a window of events for clients of its
own; "cache" describes it and them. A client that lets its channel fill is cut off, comes back behind what it has seen,
and lists when the window no longer has what comes next. The sizes are those of Kubernetes: a window of 100 to 102400
events, twice as large while it holds less than 75 s; channels of 10 to 100 events, twice; 50 ms of waiting a second; a
bookmark a minute. Simpler than Kubernetes: what lies in the channel of a client that is cut off is gone, and comes anew
when the client is back; and while the cache waits for one client, the others do not.

  streams:
    pods:
      consumer: {eventsPerSecond: 20000}          # how fast the apiserver decodes
      cache:
        progressEvery: 100ms                      # as while a consistent read waits
        clients:
          - {name: "kubelet{i}", repeat: 100}
          - {name: slow, consumer: {every: 1s}, reconnectAfter: 1s}

A restore from an older backup takes revisions back. All connections break; clients that have seen later revisions wait
for what is long over, and are not told. "bumpRevision" and "markCompacted", which etcdutl has too, make etcd tell them
that their revision is compacted: a reflector then lists again. Writes go on with what the history has next. The backup
is of the moment when its revision was committed, and has the compactions of before.

  $ mvccw replay late.yaml --summary --action '{at: 2.5s, restore: {to: 40}}'
  controller  99 events in 99 batches, synced; at most 51 revisions and 0.600s behind; …
  …
  $ mvccw replay late.yaml --summary --stream '{name: controller, client: reflector}' \\
      --action '{at: 2.5s, restore: {to: 40, bumpRevision: 1000000000, markCompacted: true}}'
  controller  99 events in 99 batches, synced; at most 51 revisions and 0.500s behind; …
  Replayed as etcd 3.7.1.

The common fields are flags of replay too, with a file or without one:

  $ mvccw replay --db snapshot.db --base-rev 300 --rate 50 --summary \\
      --stream '{name: all, consumer: {every: 1s}}' --max-delay 2s --as-etcd 3.5.12
  all  259 events in 68 batches, synced; at most 66 revisions and 65.660s behind
  Replayed as etcd 3.5.12.
  Exceeded limit: watcher all was given /registry/pods/default/web-32@367 65.660s late, …

The cost of time. A sync pass takes no time by default: the machine is ideal. With "cost: measured" a pass takes 1.4 µs
for each revision that it reads and 0.12 µs for each event that matches. These figures were fitted to etcd 3.5.30, and
catch-ups whose real time is known come within a third of it.

The memory of a server. "memory" of the JSON summary is the most that pending events held: in streams whose clients did
not take them at once, of victims, and, while a sync pass runs, in its batches. An event counts as its record in protobuf
(key, value, and some ten bytes), without what Go needs beside it; watchers that one transaction or one pass reaches share
its events, which then count once in all, and once for each stream in "peakBytes". Records before (prevKv) are looked up
when a response is sent, and do not count; nor do messages that wait behind the stream. "bytes" of a response is the size
of its largest message. Most clients of gRPC refuse one above 4 MiB, etcd's own takes any: "fragment" cuts it.

The cost of memory. What has been printed is not kept. A replay holds what waits in the streams of slow consumers, as
etcd does, and some fifty bytes for each revision, also of a history that the scenario writes.

Bounds, each checked before the memory or the time is spent:

  file          ${MAX_SCENARIO_BYTES} bytes of UTF-8, also when it is packed with gzip, ${MAX_SCENARIO_PARTS} words and marks, ${MAX_SCENARIO_DEPTH} levels;
                a pipe or stdin (-) may stand for it, a device may not
  commits       ${MAX_CHANGES} puts and deletes, ${MAX_WRITTEN_BYTES} bytes of keys and values, repeats included;
                ${MAX_GOING_BACK_RECORDS} records with a restart that is cut short
  watchers      ${MAX_WATCHERS}, and ${MAX_NOTIFICATIONS} progress notifications; ${MAX_CACHE_CLIENTS} clients of watch caches
  time          waits cost nothing; after ${MAX_IDLE_RUNS} runs of the server's loops in which nothing changed, it ends

Search for trouble. "mvccw explore FILE" runs variations of a scenario (other rates, stalls, compactions, buffer sizes,
times; --vary chooses) until one breaks a guarantee or exceeds a limit. Then it takes away all that the failure does not
need, prints what is left as a scenario, and says on stderr what breaks; the exit status is 1. From a slow consumer
alone, without a compaction, a stall or a small buffer, it finds a known defect (etcd issue 17529) in seconds:

  $ cat pods.yaml
  history: {commits: [{put: {key: /pods/a, value: "{i}"}, repeat: 300}]}
  base: 1
  arrivals: {perSecond: 100}
  watchers: [{name: controller, key: /pods/, prefix: true}]
  streams: {controller: {consumer: {every: 100ms}}}
  $ mvccw explore pods.yaml --as-etcd 3.5.12
  about: controller at revision 6 breaks reliable in etcd 3.5.12 …
  history:
    commits: [{put: {key: /pods/a}, repeat: 7}]
  base: 1
  arrivals: {perSecond: 8}
  watchers: [{name: controller, key: /pods/, prefix: true}]
  streams: {controller: {consumer: {every: 300ms}}}
  actions: [{at: 800ms, compact: 7}]
  parameters: {chanBufLen: 1}
  etcd: 3.5.12
  seed: 3
  Found at seed 3, in variation 3, in etcd 3.5.12; made smaller in 488 runs.
  Broken guarantee: watcher controller, revision 6, key /pods/a: broke reliable …
  $ mvccw explore pods.yaml --as-etcd 3.5.13 --seeds 100
  Nothing found in 100 variations, seeds 1 to 100, in etcd 3.5.13.

"mvccw replay" breaks the same guarantee over the scenario that was found. The path of a database in it is absolute, so
that the file can be kept anywhere.
`;
