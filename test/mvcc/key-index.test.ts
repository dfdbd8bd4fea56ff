import assert from 'node:assert/strict';
import t from 'tap';
import { KeyIndex, type KeyState, stateAfterDelete, stateAfterPut } from '../../src/mvcc/key-index.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { awkwardKeys, rangeEnd } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { holds } from '../support/store-model.js';

const MAX = Number.MAX_SAFE_INTEGER;

function indexOf(...states: [key: string, state: KeyState][]) {
  const table = new MemoryTable();
  const index = new KeyIndex(table);
  for (const [key, state] of states) index.append(key, state);
  return { table, index };
}

const put = (main: number, createRevision: number, version: number, sub = 0): KeyState => {
  return { main, sub, tombstone: false, createRevision, version };
};

t.test('what a put and a delete make of a key', async (t) => {
  const [first, second] = [put(2, 2, 1), put(5, 2, 2, 3)];
  t.same(stateAfterPut(undefined, { main: 2, sub: 0 }), first);
  t.same(stateAfterPut(first, { main: 5, sub: 3 }), second);
  const gone = stateAfterDelete({ main: 6, sub: 1 });
  t.same(gone, { main: 6, sub: 1, tombstone: true, createRevision: 0, version: 0 });
  t.same(stateAfterPut(gone, { main: 6, sub: 2 }), put(6, 6, 1, 2), 'a new generation');
});

t.test('entries', async (t) => {
  const { table } = indexOf(['k', put(2, 2, 1)], ['k', put(3, 2, 2)], ['k', stateAfterDelete({ main: 4, sub: 1 })]);
  const [two, three] = ['00000000000000025f0000000000000000', '00000000000000035f0000000000000000'];
  t.same(
    [...table.entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`),
    [
      `486b0001${two} 00`,
      `486b0001${three} 00`,
      `4c6b0001 01${'0000000000000004'}${'0000000000000001'}${'00'.repeat(16)}`,
    ],
  );
});

t.test('the highest numbers', async (t) => {
  const { index } = indexOf(['k', put(2, 2, 1)], ['k', put(MAX, MAX - 1, MAX, MAX)]);
  t.same(index.latest('k'), put(MAX, MAX - 1, MAX, MAX));
  t.match(index.at('k', MAX), { main: MAX, sub: MAX });
  t.match(index.at('k', MAX - 1), { main: 2, sub: 0 });
});

t.test('a key that is a prefix of another has its own history', async (t) => {
  const { index } = indexOf(['a', put(2, 2, 1)], ['a\0', put(3, 3, 1)], ['a\0', put(4, 3, 2)], ['a', put(5, 2, 2)]);
  t.same(
    [...index.history('a')].map(({ main }) => main),
    [2, 5],
  );
  t.same(
    [...index.history('a\0')].map(({ main }) => main),
    [3, 4],
  );
  t.match(index.at('a', 4), { main: 2 });
});

interface Known {
  readonly key: string;
  readonly state: KeyState;
}

t.test('property: as a list of revisions, with what compaction forgets', async (t) => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('put' as const), key: awkwardKeys, sameMain: fc.boolean() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), key: awkwardKeys, sameMain: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), percent: fc.nat(100) }) },
  );
  const range = fc.record({ key: fc.oneof(awkwardKeys, fc.constant('')), end: rangeEnd(awkwardKeys) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), fc.array(range, { maxLength: 4 }), (steps, ranges) => {
      const table = new MemoryTable();
      const index = new KeyIndex(table);
      let known: Known[] = [];
      let [main, sub, lowest] = [1, 0, 0];
      const newest = (key: string) => known.findLast((one) => one.key === key)?.state;
      for (const step of steps) {
        if (step.kind === 'forget') {
          // The newest revision of each key up to `lowest` stays, unless it is a tombstone before `lowest`, as in a
          // compaction.
          lowest += Math.round(((main - lowest) * step.percent) / 100);
          const stays = (one: Known, i: number) => {
            if (one.state.main > lowest) return true;
            const superseded = known.slice(i + 1).some((later) => later.key === one.key && later.state.main <= lowest);
            return !superseded && !(one.state.tombstone && one.state.main < lowest);
          };
          for (const [i, one] of known.entries()) if (!stays(one, i)) index.forget(one.key, one.state);
          known = known.filter(stays);
        } else {
          if (step.sameMain && main > lowest) sub++;
          else [main, sub] = [main + 1, 0];
          const before = newest(step.key);
          assert.deepEqual(index.latest(step.key), before, 'latest');
          if (step.kind === 'delete' && (before === undefined || before.tombstone)) continue;
          const state = step.kind === 'put' ? stateAfterPut(before, { main, sub }) : stateAfterDelete({ main, sub });
          index.append(step.key, state);
          known.push({ key: step.key, state });
        }
      }

      const keys = [...new Set(known.map(({ key }) => key))].sort();
      assert.equal(table.size(), known.length, 'an entry a revision');
      assert.deepEqual(index.count(), {
        live: keys.filter((key) => !newest(key)!.tombstone).length,
        deleted: keys.filter((key) => newest(key)!.tombstone).length,
      });
      for (const key of keys) {
        assert.deepEqual(index.latest(key), newest(key), 'latest');
        const own = known.filter((one) => one.key === key).map(({ state }) => state);
        const history = own.map(({ main, sub, tombstone }) => ({ main, sub, tombstone }));
        assert.deepEqual([...index.history(key)], history, 'history');
      }
      for (let rev = lowest; rev <= main; rev++) {
        const seen = (key: string) => known.findLast((one) => one.key === key && one.state.main <= rev)?.state;
        for (const { key, end } of [{ key: '', end: '' }, ...ranges]) {
          const wanted = keys
            .filter((one) => holds(key, end, one))
            .map((one) => ({ key: one, state: seen(one) }))
            .filter(({ state }) => state !== undefined && !state.tombstone)
            .map(({ key, state }) => `${key} ${state?.main}_${state?.sub}`);
          const got = [...index.range(key, end, rev)].map(
            (one) => `${one.key} ${one.revision.main}_${one.revision.sub}`,
          );
          assert.deepEqual(got, wanted, `range at ${rev}`);
        }
      }
    }),
    { numRuns: 100 },
  );
  t.pass();
});
