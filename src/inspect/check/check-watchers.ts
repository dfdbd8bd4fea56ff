// Checks that the registered watchers can be read.

import type { ReadTable } from '../../mvcc/backend.js';
import { decodeWatchSpec } from '../../requests/watch-spec.js';
import { type Finding, problemIn } from './finding.js';

export function* checkWatchSpecs(table: ReadTable): Iterable<Finding> {
  for (const { key, value } of table.entries()) {
    try {
      decodeWatchSpec(key, value);
    } catch (error) {
      yield { kind: 'watcher', table: 'watch', entry: key, problem: problemIn(error) };
    }
  }
}
