// Opens what a replay runs on: a database, an etcd file, or the history that a scenario writes itself.

import type { Provenance } from '../inspect/blame/provenance.js';
import type { ScenarioHistory } from '../replay/scenario/scenario.js';
import { openRecorded, openScripted, type ReplaySource } from '../replay/scenario/scripted-source.js';
import { type Database, withDatabase } from './database.js';
import type { Listener } from './listener.js';
import { provenanceOf } from './provenance.js';

/** Opens a history, hands it to `body` with what tells where its revisions come from, and closes it. */
export async function withReplaySource<T>(
  history: ScenarioHistory,
  body: (source: ReplaySource, provenance?: (nowMs: number) => Provenance) => Promise<T>,
  listener?: Listener,
): Promise<T> {
  if ('commits' in history) return body(openScripted({ history }));
  const play = (database: Database) => {
    const { store, watchSpecs, origin, etcdFile } = database;
    const source: ReplaySource = {
      state: store.state,
      registered: watchSpecs,
      origin,
      remarks: () => etcdFile?.remarks().map(({ text }) => text) ?? [],
      open: (plan) => openRecorded(store, plan),
    };
    return body(source, (nowMs) => provenanceOf(database, nowMs));
  };
  return withDatabase(history.database, play, listener);
}
