// A known case is a well-known defect of etcd's watches as a scenario. The cases are documentation that runs.

import { MvccwError } from '../../errors.js';
import { type Behaviour, releasesWithout } from './etcd-release.js';

export interface KnownCase {
  readonly name: string;
  /** The number of etcd's issue, by which the case can be called too. */
  readonly issue: number | undefined;
  readonly title: string;
  /** What happens, in a few sentences. */
  readonly story: string;
  /** The behaviour of releases that causes the case; undefined when all releases have it. */
  readonly behaviour?: Behaviour;
  /** A release that has the defect. `mvccw case` runs it by default. */
  readonly release: string;
  /** The scenario without its release, which caseScenario adds. */
  readonly scenario: string;
}

export const KNOWN_CASES: readonly KnownCase[] = [
  {
    name: 'compacted-while-full',
    issue: 17529,
    title: 'a slow watcher silently loses events when compaction overtakes it',
    story:
      'A watcher falls behind because its stream is full. Compaction takes revisions that it has not seen, so it must be ' +
      'cancelled; but the stream is still full, and the cancel cannot be sent. Older releases then take the watcher as ' +
      'synced: it never hears of what it missed, and goes on with newer events as if nothing had happened.',
    behaviour: 'compactedChannelFull',
    release: '3.5.12',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "{i}"}, repeat: 300}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: slow, key: /, prefix: true}]
streams: {slow: {consumer: {every: 1s}}}
actions: [{at: 900ms, compact: {behind: 2}}]
parameters: {chanBufLen: 2}
`,
  },
  {
    name: 'restore-repeats-events',
    issue: 15271,
    title: 'after a snapshot from the leader, events come a second time',
    story:
      'A member that has fallen behind is sent a snapshot by the leader and restores its store from it, which makes every ' +
      'synced watcher look again from the revision it still needs. In older releases a delivered notification did not ' +
      'move that revision, so a watcher is sent events that it already has.',
    behaviour: 'notifyMinRev',
    release: '3.5.7',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "{i}"}, repeat: 10}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /, prefix: true, rev: 0}]
actions: [{at: 65ms, restore: true}]
`,
  },
  {
    name: 'future-start',
    issue: 20221,
    title: 'a watcher that starts in the future gets older events after a restore',
    story:
      'A client that has seen revision N resumes from N + 1 at a member that has not come so far: its watcher waits for ' +
      'the future. When that member restores a snapshot, older releases lower what the watcher needs to the next ' +
      'revision, so it is sent events from before its start: history repeats itself for the client.',
    behaviour: 'futureMinRev',
    release: '3.5.21',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "{i}"}, repeat: 20}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /, prefix: true, rev: 15}]
actions: [{at: 25ms, restore: true}]
parameters: {resyncPeriod: 10ms}
`,
  },
  {
    name: 'compacted-at-delete',
    issue: 18089,
    title: 'a delete is missed when compaction ends at its very revision',
    story:
      'A watch may start at the compact revision itself. Older releases dropped a tombstone at that revision, so a watch ' +
      'that starts there is not told of the delete, and a controller keeps an object that is gone.',
    behaviour: 'tombstoneAtCompactRev',
    release: '3.5.15',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "1"}}
    - {put: {key: /b, value: "1"}}
    - {delete: {key: /a}}
    - {put: {key: /b, value: "2"}}
actions:
  - {at: 10ms, compact: 4}
  - {at: 20ms, watch: {name: pods, key: /, prefix: true, rev: 4}}
`,
  },
  {
    name: 'delete-lost-at-restart',
    issue: 19179,
    title: 'a delete is missed when a compaction at its revision is resumed by a restart',
    story:
      'The repair of 18089 keeps a tombstone at the compact revision. But the releases that brought it forget, at a ' +
      'restart, a tombstone that is the first record left of its key; a compaction that was cut short is then resumed, ' +
      'and drops it. Releases before these miss the same delete without any restart, by 18089.',
    behaviour: 'restoreTombstone',
    release: '3.5.17',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "1"}}
    - {put: {key: /b, value: "1"}}
    - {delete: {key: /a}}
    - {put: {key: /b, value: "2"}}
actions:
  - {at: 10ms, compact: 4}
  - {at: 15ms, restart: cutShort}
  - {at: 20ms, watch: {name: pods, key: /, prefix: true, rev: 4}}
`,
  },
  {
    name: 'revision-goes-back',
    issue: 17780,
    title: 'a restart goes back in revisions, and a new event is never delivered',
    story:
      'A compaction drops the newest record, a tombstone, and the process dies before the end of the compaction is ' +
      'recorded. After the restart nothing says that the revision was ever used, so the next write uses it again. A ' +
      'client that resumes from the revision after it never sees that write.',
    behaviour: 'scheduledCompactRev',
    release: '3.5.13',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "1"}}
    - {delete: {key: /a}}
    - {put: {key: /b, value: "1"}}
    - {put: {key: /b, value: "2"}}
base: 3
arrivals: {perSecond: 20}
watchers: [{name: pods, key: /, prefix: true, rev: 2}]
actions:
  - {at: 10ms, compact: 3}
  - {at: 20ms, restart: cutShort}
`,
  },
  {
    name: 'progress-ahead-of-events',
    issue: 15220,
    title: 'progress says that all has come, and the events come behind it',
    story:
      'A client asks how far its watches have come. Older releases answer at once with the revision of the store, past the ' +
      'stream in which events wait and without a look at whether the watchers are synced. A client that trusts the ' +
      'answer takes its cache to be complete, and one that resumes from there loses events: here the connection breaks ' +
      'before the events have come.',
    behaviour: 'progressAll',
    release: '3.5.7',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "{i}"}, repeat: 20}
base: 10
arrivals: {perSecond: 10}
streams: {cache: {disconnectAt: [450ms], reconnectAfter: 10ms, resumeFrom: progress}}
actions:
  - {at: 420ms, watch: {name: cache, key: /a, rev: 2}}
  - {at: 430ms, progress: cache}
`,
  },
  {
    name: 'progress-swallowed',
    issue: 17507,
    title: 'one progress request that waits swallows those behind it',
    story:
      'The repair of 15220 keeps a progress request that comes while some watcher of the stream is not synced, until the ' +
      'next event is sent; a request behind it is forgotten. But a new watcher whose keys do not change becomes synced ' +
      'without an event, so no request is ever answered, and a client that waits for one waits for ever. No guarantee is ' +
      'broken; to see what a release answers: --compare.',
    behaviour: 'deferredProgress',
    release: '3.5.12',
    scenario: `
history:
  commits:
    - {put: {key: bar}}
actions:
  - {at: 10ms, watch: {name: quiet, key: foo, rev: 2}}
  - {at: 20ms, progress: quiet}
  - {at: 500ms, progress: quiet}
`,
  },
  {
    name: 'cancelled-again',
    issue: 22294,
    title: 'a compacted watcher is cancelled again and again',
    story:
      'With as many unsynced watchers as one sync pass looks at, the pass works on a copy of their group. A watcher that ' +
      'compaction has overtaken is taken out of the copy and told so, but stays among the unsynced: every pass tells it ' +
      'again, until its client reacts.',
    behaviour: 'compactCancelRepeated',
    release: '3.7.1',
    scenario: `
history:
  commits:
    - {put: {key: /a, value: "{i}"}, repeat: 10}
actions:
  - {at: 0us, compact: 8}
  - {at: 1ms, watch: {name: one, key: /a, rev: 2}}
  - {at: 1ms, watch: {name: two, key: /a, rev: 3}}
  - {at: 2ms, stall: one, for: 350ms}
  - {at: 2ms, stall: two, for: 350ms}
parameters: {maxWatchersPerSync: 2}
`,
  },
  {
    name: 'previous-record-missing',
    issue: 10681,
    title: 'an event comes without the record before, which the watcher asked for',
    story:
      'A server looks up the record before an event when it sends the event. If that record was compacted meanwhile, the ' +
      'event is sent without it, and nothing says why. kube-apiserver takes an event that creates no key and comes without ' +
      'the record before for an error, and ends the watch. It happens to a watcher that starts at the compact revision, or ' +
      'that was behind when the history was compacted. No guarantee is broken, as etcd promises that record only while it ' +
      'is not compacted. All releases have this. It helps to compact far behind what the watchers have seen.',
    release: '3.7.1',
    scenario: `
history:
  commits:
    - {put: {key: /x, value: one}}
    - {put: {key: /y, value: one}}
    - {put: {key: /x, value: two}}
    - {delete: {key: /x}}
base: 4
arrivals: {perSecond: 10}
actions:
  - {at: 10ms, compact: 4}
  - {at: 50ms, watch: {name: api, key: /x, rev: 4, prevKv: true}}
`,
  },
  {
    name: 'starved-on-one-stream',
    issue: undefined,
    title: 'of hundreds of watchers on one stream, some are minutes late',
    story:
      'One client keeps 200 watchers on a single stream, and each write is for all of them: 200 responses, where the ' +
      'stream has room for 128. Those that found no room wait as victims, and whenever the client takes a response, one ' +
      'of them gets the place; but here it needs 1.6 s for what comes each second. The watchers that are tried first ' +
      'keep up, the others are not given anything until the writes end. No guarantee is broken, as nothing is lost; but ' +
      'if the history is compacted meanwhile, they are cancelled, or in releases with 17529 never told. Which ones ' +
      'starve is chance in etcd, as it goes through victims in random order; here it is those with the highest ids. All ' +
      'releases have this (those before 3.4.10 with room for 1024). It helps to spread the watchers over streams.',
    release: '3.7.1',
    scenario: `
history:
  commits:
    - {put: {key: "/pods/{i}", value: "1"}, repeat: 150}
base: 1
arrivals: {perSecond: 1}
watchers:
  - {name: "w{i}", key: /pods/, prefix: true, rev: 0, prevKv: true, stream: shared, repeat: 200}
streams: {shared: {consumer: {every: 8ms}}}
`,
  },
];

/** Returns the scenario of a case in a release, as YAML. */
export function caseScenario({ scenario }: KnownCase, release: string): string {
  return `${scenario.trimStart()}etcd: ${release}\n`;
}

/** Returns, for each minor release, the first patch release without the defect. The list is empty when all have it. */
export function fixedIn({ behaviour }: KnownCase): string[] {
  return behaviour === undefined ? [] : releasesWithout(behaviour);
}

/** Returns the case with a name, or with the number of an etcd issue. Throws USAGE. */
export function findCase(name: string): KnownCase {
  const found = KNOWN_CASES.find((known) => known.name === name || String(known.issue) === name.replace(/^#/, ''));
  if (found !== undefined) return found;
  throw new MvccwError('USAGE', `there is no case ${JSON.stringify(name)}`, { hint: 'see them with: mvccw case list' });
}
