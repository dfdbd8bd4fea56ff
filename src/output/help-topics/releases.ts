export const RELEASES_TOPIC = `Releases of etcd differ in what a watcher gets. "--as-etcd X.Y.Z" makes a replay behave
as that release does, from 3.4.0 on. A release newer than those known here behaves as the newest known one of its minor
version, or as the newest of all if that version is not known either, and a hint says so. Without the flag, and without "etcd" in the scenario, it is the newest known release of the
minor version that an etcd file names, also once the file is imported, and the newest of all where no version is named.
An earlier patch may behave differently. Every output says which release it was.

"--compare A,B" runs a replay as two releases and prints what differs for each watcher. The exit status is 1 if anything
does.

  $ mvccw case 18089 --scenario > delete.yaml
  $ mvccw replay delete.yaml --compare 3.5.15,3.5.16
  --- etcd 3.5.15
  +++ etcd 3.5.16
  @@ pods @@
  + DELETE 4  /a

Progress is compared too, and an event that comes behind progress that counts it is another than one that comes before.

Known defects of etcd's watches are kept as small scenarios. "mvccw case NAME" tells one and runs it: the exit status is
1 where a guarantee breaks, and 0 where all hold.

  $ mvccw case list
  compacted-while-full …#17529  a slow watcher silently loses events when …
  …
  $ mvccw case 18089 --as-etcd 3.5.16
  …
  Every guarantee holds in etcd 3.5.16.

Each difference between releases is one named switch in src/replay/releases/etcd-release.ts. Traces recorded from real
releases come out line for line.
`;
