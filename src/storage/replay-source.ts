// Opens what a replay runs on: a database, an etcd file, or the history that a scenario writes itself.

import { RecordedStore } from '../replay/run/recorded-store.js';
import type { ScenarioHistory } from '../replay/scenario/scenario.js';
import { openScripted, type ReplaySource } from '../replay/scenario/scripted-source.js';
import { type Database, withDatabase } from './database.js';
import type { Listener } from './listener.js';

/** Opens a history, hands it to `body`, and closes it. */
export async function withReplaySource<T>(
  history: ScenarioHistory,
  body: (source: ReplaySource) => Promise<T>,
  listener?: Listener,
): Promise<T> {
  if ('commits' in history) return body(openScripted({ history }));
  const play = ({ store, watchSpecs, origin, etcdFile }: Database) =>
    body({
      state: store.state,
      registered: watchSpecs,
      origin,
      remarks: () => etcdFile?.remarks().map(({ text }) => text) ?? [],
      open: ({ baseRev, toRev, options }) => ({
        store: new RecordedStore(store, baseRev, toRev, options.release.behaviours),
        history: store,
        recorded: true,
      }),
    });
  return withDatabase(history.database, play, listener);
}
