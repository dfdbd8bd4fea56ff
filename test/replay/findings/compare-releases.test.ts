import t from 'tap';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { type ComparedReplay, compareReplays } from '../../../src/replay/findings/compare-releases.js';
import {
  DEFAULT_OPTIONS,
  DEFAULT_PARAMETERS,
  DEFAULT_STREAM,
  type ReplayOptions,
} from '../../../src/replay/run/replay-options.js';
import { ScriptedStore } from '../../../src/replay/run/scripted-store.js';
import { listedTransactions } from '../../support/listed-transactions.js';

const COMMITS = 40;
const transactions = listedTransactions(
  Array.from({ length: COMMITS }, (_, i) => [{ put: `k${i}`, value: Buffer.from('v') }]),
);

function compared(changed: Partial<ReplayOptions>): ComparedReplay {
  const store = new ScriptedStore(transactions, COMMITS / 2, COMMITS + 1);
  return {
    opened: { store, history: store.history, recorded: false },
    options: {
      ...DEFAULT_OPTIONS,
      watchers: [
        { name: 'slow', ...WHOLE_KEY_SPACE, filters: [], prevKv: false },
        { name: 'quick', ...WHOLE_KEY_SPACE, filters: [], prevKv: false },
      ],
      fromRev: 1,
      parameters: { ...DEFAULT_PARAMETERS, chanBufLen: 2, watchBatchMaxRevs: 3 },
      ...changed,
    },
  };
}

const slow: ReplayOptions['streams'] = new Map([
  [
    'slow',
    {
      consumer: { pace: 'interval', intervalUs: 700_000 },
      client: DEFAULT_STREAM.client,
    },
  ],
]);

t.test('when and in which batches events come makes no difference', async (t) => {
  t.strictSame(compareReplays(compared({}), compared({ streams: slow })), []);
  t.strictSame(compareReplays(compared({ streams: slow }), compared({})), []);
});

t.test('what only one delivers comes in order, also when the replays take very different times', async (t) => {
  const differences = compareReplays(compared({ streams: slow, fromRev: 30 }), compared({ fromRev: 25 }));
  const missed = [25, 26, 27, 28, 29].map((revision) => ({ type: 'PUT', key: `k${revision - 2}`, revision }));
  const same = { onlyFirst: [], onlySecond: missed, endFirst: 'synced', endSecond: 'synced' };
  t.strictSame(differences, [
    { watcher: 'slow', ...same },
    { watcher: 'quick', ...same },
  ]);
});

t.test('an event that one delivers twice shows once', async (t) => {
  const careless = compared({
    streams: new Map([
      [
        'slow',
        {
          consumer: { pace: 'atOnce' },
          client: {
            ...DEFAULT_STREAM.client,
            disconnectAtUs: [500_000],
            reconnectAfterUs: 1000,
            resumeFrom: 'midTransaction',
          },
        },
      ],
    ]),
  });
  const [difference, ...others] = compareReplays(careless, compared({}));
  t.strictSame(others, []);
  t.equal(difference?.watcher, 'slow');
  t.strictSame(difference?.onlySecond, []);
  t.ok((difference?.onlyFirst.length ?? 0) > 0);
  t.strictSame(
    difference?.onlyFirst.map(({ revision }) => revision),
    [...new Set(difference?.onlyFirst.map(({ revision }) => revision))],
  );
});
