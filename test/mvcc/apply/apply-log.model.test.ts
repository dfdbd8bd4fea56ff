// These tests hold what applies a log against the plain model: random histories, with all that logs have beside requests.

import assert from 'node:assert/strict';
import t from 'tap';
import { applyLog } from '../../../src/mvcc/apply/apply-log.js';
import type { Outcome } from '../../../src/mvcc/apply/outcome.js';
import type { ReadBackend, ReadTable } from '../../../src/mvcc/backend.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import { readLog } from '../../../src/wal/read-log.js';
import fc from '../../support/fast-check.js';
import { type LogHistory, logHistory, type WrittenHistory, writeHistory } from '../../support/log-histories.js';
import type { ModelOutcome, NoChange } from '../../support/log-model.js';
import { draws } from '../../support/random.js';
import { memorySegments } from '../../support/wal-segments.js';

const REASONS: Readonly<Record<NoChange, RegExp>> = {
  corrupt: /^CORRUPT$/,
  'no space': /^NOSPACE$/,
  'lease not found': /^lease not found$/,
  'lease exists': /^lease exists$/,
  'key not found': /^key not found$/,
  compacted: /compacted$/,
  'future revision': /future$/,
  denied: /denied|empty|old|refused/,
  'nothing changed':
    /^(changes no key|nothing changed|nothing matched|no keys attached|change of users or roles refused)$/,
};

/** Returns what the reason should be, where an outcome differs from the model's. */
function difference(outcome: Outcome | undefined, wanted: ModelOutcome | undefined): string | undefined {
  const got = JSON.stringify(outcome);
  if (typeof wanted === 'number') return outcome?.revision === wanted ? undefined : `${got}, not revision ${wanted}`;
  if (outcome === undefined || outcome.revision !== undefined) return `${got}, not ${wanted}`;
  if (wanted === undefined) return /no-op|v2|members/.test(outcome.reason) ? undefined : `${got}, and it is no request`;
  // Of several errors, either may come first.
  const isRefused = outcome.refused && wanted !== 'nothing changed';
  return isRefused || REASONS[wanted].test(outcome.reason) ? undefined : `${got}, not ${wanted}`;
}

const rowsOf = (table: ReadTable): string[] =>
  [...table.entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);

const leasesOf = ({ tables: { lease } }: ReadBackend): string[] =>
  rowsOf(lease).filter((row) => row.indexOf(' ') === 16);

function check({ segments, model, outcomes, commit }: WrittenHistory): void {
  const log = readLog(memorySegments(segments));
  const applied = applyLog(log, undefined);
  const differences = [...outcomes].flatMap(([index, wanted]) => {
    const problem = difference(applied.outcomeOf(index), wanted);
    return problem === undefined ? [] : [`entry ${index} came to ${problem}`];
  });
  assert.deepStrictEqual(differences, []);
  assert.deepStrictEqual(
    [applied.stop, applied.lastIndex, applied.currentRev],
    [undefined, commit, model.store.currentRev],
  );
  assert.deepStrictEqual(rowsOf(applied.backend.tables.key), rowsOf(model.backend.tables.key), 'records');
  assert.deepStrictEqual(leasesOf(applied.backend), leasesOf(model.backend), 'leases');
  assert.deepStrictEqual(
    applied.compactions.map(({ revision }) => revision),
    model.compactions,
  );
  const store = new CheckedStoreReader(applied.backend);
  assert.deepStrictEqual(
    [...store.recordsAt({ key: '', end: '' })],
    [...model.store.recordsAt({ key: '', end: '' })],
    'live keys',
  );
  for (const [index, outcome] of outcomes) {
    if (typeof outcome === 'number') assert.equal(applied.indexOf(outcome), index);
  }
}

t.test('a log gives the records that the model gives, and each entry comes to the same', async () => {
  fc.assert(
    fc.property(logHistory, (history: LogHistory) => check(writeHistory(history))),
    { numRuns: draws(40, 800) },
  );
});
