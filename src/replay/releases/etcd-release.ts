// This table says which release of etcd has which behaviours. A behaviour is a defect or a limit that a later release
// has mended, or that none has mended yet.

import { MvccwError } from '../../errors.js';
import type { StoreBehaviour } from '../../mvcc/store-behaviour.js';
import type { WatchBehaviour } from '../../watch/watch-behaviour.js';

export type Behaviour = StoreBehaviour | WatchBehaviour | 'chanBufLen';

/** The patch numbers of one minor release: the first that has the behaviour, and the first that no longer has it. */
type Patches = readonly [from: number, until: number];

const ALL: Patches = [0, Number.POSITIVE_INFINITY];

interface BehaviourInfo {
  readonly patches: Readonly<Record<string, Patches>>;
  /** The number of etcd's issue; undefined when there is none. */
  readonly issue?: number;
  readonly about: string;
}

export const BEHAVIOURS: Readonly<Record<Behaviour, BehaviourInfo>> = {
  chanBufLen: {
    patches: { '3.4': [0, 10] },
    about: 'a stream holds 1024 responses, not 128',
  },
  progressAll: {
    patches: { '3.4': [0, 25], '3.5': [0, 8] },
    issue: 15220,
    about: 'a progress request is answered at once, ahead of events, even if no watcher of the stream is synced',
  },
  deferredProgress: {
    patches: { '3.4': [25, 31], '3.5': [8, 13] },
    issue: 17507,
    about: 'a progress request waits for the next event when some watcher is not synced, and swallows those behind it',
  },
  negativeStart: {
    patches: { '3.4': [0, 38], '3.5': [0, 24], '3.6': [0, 6] },
    issue: 20693,
    about: 'a watcher from revision -1 is taken, and watchers that are synced together with it lose events',
  },
  notifyMinRev: {
    patches: { '3.4': [0, 25], '3.5': [0, 8] },
    issue: 15271,
    about: 'a delivered notification does not advance minRev, so a restore repeats events',
  },
  hashAtCompactRev: {
    patches: { '3.4': [0, 27], '3.5': [0, 10] },
    about: 'a hash at exactly the compact revision is refused as compacted',
  },
  hashNotStored: {
    patches: { '3.4': ALL, '3.5': [0, 5] },
    about: 'a compaction leaves no hash behind',
  },
  hashStoredWhenResumed: {
    patches: { '3.5': [5, 10] },
    issue: 15919,
    about: 'a compaction that a restart has resumed leaves a hash behind',
  },
  compactedChannelFull: {
    patches: { '3.4': [0, 31], '3.5': [0, 13] },
    issue: 17529,
    about: 'a watcher below the compact revision whose stream is full is taken as synced, and loses its events',
  },
  scheduledCompactRev: {
    patches: { '3.4': [0, 32], '3.5': [0, 14] },
    issue: 17780,
    about: 'after a compaction that was cut short, a restart can go back in revisions',
  },
  tombstoneAtCompactRev: {
    patches: { '3.4': [0, 34], '3.5': [0, 16] },
    issue: 18089,
    about: 'compaction drops a tombstone at its own revision, so a watch from there misses the delete',
  },
  restoreTombstone: {
    patches: { '3.4': [34, 36], '3.5': [16, 18] },
    issue: 19179,
    about: 'a restart forgets a tombstone that is the first record of its key',
  },
  futureMinRev: {
    patches: { '3.4': [0, 38], '3.5': [0, 22], '3.6': [0, 2] },
    issue: 20221,
    about: 'a sync pass lowers the minRev of a restored watcher with a future start, which then gets older events',
  },
  futureProgress: {
    patches: { '3.4': [0, 38], '3.5': [0, 22], '3.6': [0, 2] },
    issue: 20221,
    about: 'progress is sent to a watcher before its start revision',
  },
  eventsKept: {
    patches: { '3.6': [0, 9] },
    about: 'events are kept from one sync pass to the next, so records that compaction has dropped can still be sent',
  },
  compactCancelRepeated: {
    patches: { '3.4': ALL, '3.5': ALL, '3.6': ALL, '3.7': ALL },
    issue: 22294,
    about: 'with as many unsynced watchers as a pass looks at, a compacted one is told so again in each pass',
  },
};

/** Returns, for each minor release, the first patch release that no longer has a behaviour. */
export function releasesWithout(behaviour: Behaviour): string[] {
  return Object.entries(BEHAVIOURS[behaviour].patches)
    .filter(([, [, until]]) => until !== Number.POSITIVE_INFINITY)
    .map(([minor, [, until]]) => `${minor}.${until}`);
}

const OLDEST = '3.4.0';
const NEWEST = '3.7.1';
/** The pattern of a release, from the oldest on, in the form that JSON schemas take. */
export const RELEASE_PATTERN = '^v?(3\\.([4-9]|[1-9][0-9]{1,4})|([4-9]|[1-9][0-9]{1,4})\\.[0-9]{1,5})\\.[0-9]{1,5}$';
const OLD_CHAN_BUF_LEN = 1024;

export interface EtcdRelease {
  readonly version: string;
  readonly behaviours: ReadonlySet<Behaviour>;
  /** The default of the release; undefined when it is that of the newest. */
  readonly chanBufLen: number | undefined;
  /**
   * The version whose behaviour is assumed, when the release is newer than those known here: the newest known patch of
   * its minor version, or the newest of all when its minor version is not known. Undefined for a known release.
   */
  readonly assumed: string | undefined;
}

function parseVersion(text: string): [number, number, number] | undefined {
  const match = /^v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  return a[0]! - b[0]! || a[1]! - b[1]! || (a[2] ?? 0) - (b[2] ?? 0);
}

/** The newest release known here of each minor version, in order. */
const NEWEST_PATCHES = ['3.4.38', '3.5.30', '3.6.14', NEWEST];

/** Returns the newest known release of the same minor version; that of the nearest minor version when it is not known. */
function newestKnown(version: readonly number[]): string {
  const minor = version.slice(0, 2);
  const notAbove = NEWEST_PATCHES.filter((known) => compareVersions(parseVersion(known)!.slice(0, 2), minor) <= 0);
  return notAbove.at(-1) ?? NEWEST_PATCHES[0]!;
}

/** Returns the release of a version, `X.Y.Z`. Throws USAGE for a text that is no version or one older than 3.4.0. */
export function etcdRelease(text: string): EtcdRelease {
  const version = parseVersion(text);
  if (version === undefined) {
    throw new MvccwError('USAGE', `${JSON.stringify(text)} is not a release of etcd`, {
      hint: `a release is written X.Y.Z, from ${OLDEST} to ${NEWEST}`,
    });
  }
  if (compareVersions(version, parseVersion(OLDEST)!) < 0) {
    throw new MvccwError('USAGE', `etcd ${text} is older than what can be replayed`, {
      hint: `the oldest release known here is ${OLDEST}`,
    });
  }
  const newest = newestKnown(version);
  const assumed = compareVersions(version, parseVersion(newest)!) > 0 ? newest : undefined;
  const [major, minor, patch] = assumed === undefined ? version : parseVersion(assumed)!;
  const behaviours = new Set<Behaviour>();
  for (const [name, { patches }] of Object.entries(BEHAVIOURS)) {
    const range = patches[`${major}.${minor}`];
    if (range !== undefined && patch >= range[0] && patch < range[1]) behaviours.add(name as Behaviour);
  }
  return {
    version: version.join('.'),
    behaviours,
    chanBufLen: behaviours.has('chanBufLen') ? OLD_CHAN_BUF_LEN : undefined,
    assumed,
  };
}

/** Returns the two releases that `A,B` names. Throws USAGE. */
export function etcdReleasePair(text: string): readonly [EtcdRelease, EtcdRelease] {
  const [first, second, ...rest] = text.split(',');
  if (first === undefined || second === undefined || rest.length > 0) {
    throw new MvccwError('USAGE', `${JSON.stringify(text)} is not two releases`, { hint: 'for example 3.5.12,3.5.13' });
  }
  return [etcdRelease(first), etcdRelease(second)];
}

/** The release that replays follow unless told otherwise. */
export const NEWEST_RELEASE: EtcdRelease = etcdRelease(NEWEST);

/**
 * Returns the newest release known here of the minor version of `version`, or, of a minor version that is not known, that
 * of the nearest one; undefined when the text is no version.
 */
export function newestPatchOf(version: string): EtcdRelease | undefined {
  const wanted = parseVersion(version);
  return wanted === undefined ? undefined : etcdRelease(newestKnown(wanted));
}
