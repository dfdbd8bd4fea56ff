// Opens what a replay runs on: a database, an etcd file, or the history that a scenario writes itself.

import { MvccwError } from '../errors.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import { exactness } from '../inspect/clock/exactness.js';
import type { WallClock } from '../inspect/clock/wall-clock.js';
import { firstRevisionFrom, lastRevisionUntil } from '../inspect/clock/when.js';
import type { Window } from '../mvcc/window.js';
import type { RevisionTimes } from '../replay/scenario/plan.js';
import type { ScenarioHistory } from '../replay/scenario/scenario.js';
import { openRecorded, openScripted, type ReplaySource } from '../replay/scenario/scripted-source.js';
import type { ClockSource } from '../requests/clock-source.js';
import { type Database, withDatabase } from './database.js';
import type { PlaceOptions } from './database-place.js';
import type { Listener } from './listener.js';
import { openClock, openFileClock } from './open-clock.js';
import { type ApiserverSource, openWatchers } from './open-watchers.js';
import { provenanceOf } from './provenance.js';

export interface ReplaySourceOptions extends Listener, PlaceOptions {
  /** Where the times of its commits are from; undefined if they are not asked for. */
  readonly clock?: ClockSource | undefined;
  /** Where its watchers are from, beside those that are given. */
  readonly watchers?: ApiserverSource | undefined;
}

/** Opens a history, hands it to `body` with what tells where its revisions come from, and closes it. */
export async function withReplaySource<T>(
  history: ScenarioHistory,
  body: (source: ReplaySource, provenance?: (nowMs: number) => Provenance) => Promise<T>,
  { clock, watchers, ...options }: ReplaySourceOptions = {},
): Promise<T> {
  if ('commits' in history) {
    const source = openScripted({ history });
    const times = clock && (await timesOfScripted(clock, source.state));
    return body({ ...source, times, derive: watchers && (await openWatchers(watchers, source.history)) });
  }
  const play = async (database: Database) => {
    const { store, watchSpecs, origin, etcdFile } = database;
    const source: ReplaySource = {
      state: store.state,
      registered: watchSpecs,
      origin,
      times: clock && revisionTimes(await openClock(clock, database), store),
      history: store,
      derive: watchers && (await openWatchers(watchers, store)),
      remarks: () => etcdFile?.remarks().map(({ text }) => text) ?? [],
      open: (plan) => openRecorded(store, plan),
    };
    return body(source, (nowMs) => provenanceOf(database, nowMs));
  };
  return withDatabase(history.database, play, options);
}

function revisionTimes(clock: WallClock, window: Window): RevisionTimes {
  return {
    timeUs: (revision) => clock.times.at(revision).timeUs,
    boundUs: (revision) => clock.times.at(revision).boundUs,
    firstFrom: (moment) => firstRevisionFrom(clock, window, moment),
    lastUntil: (moment) => lastRevisionUntil(clock, window, moment),
    exactness: exactness(clock, window),
  };
}

async function timesOfScripted(clock: ClockSource, window: Window): Promise<RevisionTimes> {
  if (clock.from !== 'kubernetes') return revisionTimes(await openFileClock(clock), window);
  throw new MvccwError('USAGE', 'a scenario that writes its history has no objects of Kubernetes with times', {
    hint: 'name a file of revisions and times, or the log of a server',
  });
}
