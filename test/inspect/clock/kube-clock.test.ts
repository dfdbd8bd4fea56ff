import { join } from 'node:path';
import t from 'tap';
import { kubeClock } from '../../../src/inspect/clock/kube-clock.js';
import { whenRevision } from '../../../src/inspect/clock/when.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { Store } from '../../../src/mvcc/store.js';
import { withDatabase } from '../../../src/storage/database.js';
import { openClock } from '../../../src/storage/open-clock.js';
import { clockErrors, errorsText, trueTimes } from '../../support/clock-errors.js';
import { unpackDataDirectory } from '../../support/data-directories.js';
import { random, SEED } from '../../support/random.js';
import { temporaryFolder } from '../../support/run-cli.js';

const START_US = 1_795_841_731_000_000;
const SECOND_US = 1_000_000;
const TEN_MINUTES_US = 600 * SECOND_US;

const stamp = (us: number, digits: 0 | 6): string => {
  const text = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19);
  return `${text}${digits === 0 ? '' : `.${String(us % SECOND_US).padStart(6, '0')}`}Z`;
};

interface Simulation {
  /** How far the clock of each node is ahead. */
  readonly nodesAheadUs: readonly number[];
  /** The same of each apiserver; one of them is asked for each change of an object. */
  readonly apiserversAheadUs?: readonly number[];
  readonly revisions?: number;
  /** Up to this revision, the apiserver is ten minutes behind; then its clock is set right. */
  readonly behindUntil?: number;
  /** Up to this revision, an object has the time at which a clock wrote it that was a day ahead. */
  readonly tomorrowUntil?: number;
  /** Whether objects are written too, and not leases alone. */
  readonly hasObjects?: boolean;
  /** Every so many requests, one takes up to 8 s from the reading of the clock to its commit; 0: none does. */
  readonly slow?: number;
}

interface Simulated {
  readonly store: Store;
  readonly committedUs: Map<number, number>;
}

/** Writes leases of nodes, each by the node's own clock, and objects that are created, changed and copied. */
function simulate(seed: number, options: Simulation): Simulated {
  const {
    nodesAheadUs,
    apiserversAheadUs = [0],
    revisions = 600,
    slow = 0,
    hasObjects = true,
    tomorrowUntil = 0,
    behindUntil = 0,
  } = options;
  const draw = random(seed);
  const store = new Store(new MemoryBackend());
  const committedUs = new Map<number, number>();
  const created = new Map<string, number>();
  const managed = new Map<string, string>();
  const renewals = nodesAheadUs.map((_, node) => ({ node, dueUs: START_US + draw(10 * SECOND_US) }));
  let nowUs = START_US;
  const put = (key: string, object: object) => {
    const { revision } = store.write((txn) => txn.put(key, Buffer.from(JSON.stringify(object))));
    committedUs.set(revision, nowUs);
  };
  const read = () => {
    const isSlow = slow > 0 && draw(slow) === 0;
    const readUs = nowUs;
    nowUs += isSlow ? draw(8 * SECOND_US) : 500 + draw(8000);
    return readUs;
  };
  while (committedUs.size < revisions) {
    nowUs += draw(400_000);
    const due = renewals.find(({ dueUs }) => dueUs <= nowUs);
    if (due !== undefined) {
      const renewTime = stamp(read() + nodesAheadUs[due.node]!, 6);
      due.dueUs = nowUs + 10 * SECOND_US - draw(SECOND_US);
      const metadata = { name: `node-${due.node}` };
      put(`/registry/leases/kube-node-lease/node-${due.node}`, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata,
        spec: { holderIdentity: `node-${due.node}`, renewTime },
      });
      continue;
    }
    if (!hasObjects) continue;
    const key = `/registry/configmaps/default/c${draw(40)}`;
    const clockUs = read() + apiserversAheadUs[apiserversAheadUs.length > 1 ? draw(apiserversAheadUs.length) : 0]!;
    const setUs = committedUs.size < behindUntil ? clockUs - TEN_MINUTES_US : clockUs;
    // A copy keeps the old times of what was copied.
    const isCopy = !created.has(key) && committedUs.size > 20 && committedUs.size < revisions - 20 && draw(10) === 0;
    const writtenUs = isCopy ? setUs - draw(90 * 86_400) * SECOND_US : setUs;
    if (!created.has(key)) created.set(key, writtenUs);
    // Some updates change nothing that has a manager.
    if (!managed.has(key) || draw(4) > 0) managed.set(key, stamp(writtenUs, 0));
    const isTomorrow = key.endsWith('/c7') && committedUs.size < tomorrowUntil;
    put(key, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: key.slice(key.lastIndexOf('/') + 1),
        creationTimestamp: stamp(created.get(key)!, 0),
        managedFields: [
          {
            manager: 'm',
            operation: 'Update',
            time: isTomorrow ? stamp(START_US + 86_400 * SECOND_US, 0) : managed.get(key),
          },
        ],
      },
    });
  }
  return { store, committedUs };
}

function judge({ store, committedUs }: Simulated) {
  const clock = kubeClock(store);
  const truth = [...committedUs].map(([revision, us]) => ({
    revision,
    beforeMs: us / 1000,
    behindMs: us / 1000,
    seenMs: us / 1000,
  }));
  const wrong = clock.times.clocks.flatMap(({ isWrong, aheadUs }, number) =>
    isWrong ? [[clock.names[number], Math.round(aheadUs / SECOND_US)]] : [],
  );
  return {
    errors: clockErrors(truth, (revision) => clock.times.at(revision)),
    wrong,
    inDoubt: clock.times.judgement.inDoubt,
  };
}

t.test('the recording of a cluster', async (t) => {
  const folder = temporaryFolder(t);
  const directory = unpackDataDirectory('k8s-35', 'data', folder);
  for (const [path, from] of [
    [directory, 2],
    [join(directory, 'member/snap/db'), 777],
  ] as const) {
    await withDatabase(path, async (database) => {
      const clock = await openClock({ from: 'kubernetes' }, database);
      const { times } = clock;
      const truth = trueTimes().filter(({ revision }) => revision >= from);
      t.equal(truth.length, 1002 - from + 1);
      const errors = clockErrors(truth, (revision) => times.at(revision));
      t.comment(errorsText(errors));
      t.ok(errors.medianUs < 500_000 && errors.maxUs < 5 * SECOND_US && errors.held >= 0.99, errorsText(errors));
      t.ok(errors.bounded > 0.9 && times.clocks.every(({ isWrong }) => !isWrong));
      // The log names since when the server was up, which bounds the first revision, and when a lease was granted.
      const { notBefore: atFirst } = whenRevision(clock, database.store, from);
      t.equal(atFirst?.what, from === 2 ? 'upSince' : 'renewTime');
      const { notBefore: atLast } = whenRevision(clock, database.store, 1002);
      t.equal(atLast?.what, from === 2 ? 'leaseTTL' : 'renewTime');
    });
  }
});

t.test('clocks that are right', async (t) => {
  const { errors, wrong } = judge(simulate(SEED, { nodesAheadUs: [0, 3000, -4000, 20_000] }));
  t.comment(errorsText(errors));
  t.strictSame(wrong, []);
  t.ok(errors.medianUs < 500_000 && errors.maxUs < 5 * SECOND_US && errors.held >= 0.99, errorsText(errors));
});

t.test('a clock that contradicts the others is not used', async (t) => {
  for (const [place, ahead] of [TEN_MINUTES_US, -TEN_MINUTES_US, 5 * SECOND_US, -20 * SECOND_US].entries()) {
    const { errors, wrong } = judge(simulate(SEED + place, { nodesAheadUs: [0, 0, ahead, 0] }));
    t.match(wrong, [['node-2', Number]]);
    t.ok(Math.abs(Number(wrong[0]?.[1]) - ahead / SECOND_US) < 2, `${wrong}`);
    t.ok(errors.medianUs < 500_000 && errors.maxUs < 5 * SECOND_US && errors.held >= 0.99, errorsText(errors));
  }
});

t.test('a clock that is a second off makes the bounds wider', async (t) => {
  const { errors, wrong } = judge(simulate(SEED, { nodesAheadUs: [0, SECOND_US, -SECOND_US, 0] }));
  t.strictSame(wrong, []);
  t.ok(errors.medianUs < 500_000 && errors.maxUs < 5 * SECOND_US && errors.held >= 0.99, errorsText(errors));
});

t.test('some of the apiservers, which share a name, are ahead or behind', async (t) => {
  for (const ahead of [1.5 * SECOND_US, -1.5 * SECOND_US]) {
    const apiserversAheadUs = [0, 0, 0, 0, ahead];
    const { errors, wrong } = judge(simulate(SEED, { nodesAheadUs: [0, 0, 0, 0], apiserversAheadUs }));
    t.strictSame(wrong, []);
    t.ok(errors.medianUs < SECOND_US && errors.held >= 0.99, errorsText(errors));
  }
});

t.test('which of two clocks is right cannot be told, and the bounds are as wide as they differ', async (t) => {
  for (const nodesAheadUs of [
    [0, TEN_MINUTES_US],
    [TEN_MINUTES_US, 0],
  ]) {
    const { errors, wrong, inDoubt } = judge(simulate(SEED, { nodesAheadUs, hasObjects: false, revisions: 200 }));
    t.strictSame(wrong, []);
    t.ok(inDoubt);
    t.equal(errors.held, 1, errorsText(errors));
  }
});

t.test('a clock that is set right on the way does not make most of the others wrong', async (t) => {
  for (let seed = SEED; seed < SEED + 4; seed++) {
    const { errors } = judge(simulate(seed, { nodesAheadUs: [0, 0, 0, 0], behindUntil: 300 }));
    t.ok(errors.held >= 0.99, errorsText(errors));
  }
});

t.test('an object that was written in what is the future still, before the window, bounds nothing', async (t) => {
  const simulated = simulate(SEED, { nodesAheadUs: [0, 0, 0], tomorrowUntil: 200 });
  simulated.store.compact(100);
  for (let revision = 2; revision < 100; revision++) simulated.committedUs.delete(revision);
  const { errors, wrong } = judge(simulated);
  t.strictSame(wrong, []);
  t.ok(errors.held >= 0.99 && errors.maxUs < 5 * SECOND_US, errorsText(errors));
});

t.test('a lease whose object was deleted has not run out', async (t) => {
  const { store } = simulate(SEED, { nodesAheadUs: [0, 0], hasObjects: false, revisions: 40 });
  const put = (key: string, value: string, lease = 0n) =>
    store.write((txn) => txn.put(key, Buffer.from(value), lease)).revision;
  store.grantLease(7n, 3600);
  put('/registry/events/default/e', '', 7n);
  const renewal = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'last' } };
  const renewTime = stamp(START_US + 900 * SECOND_US, 6);
  put('/registry/leases/last', JSON.stringify({ ...renewal, spec: { holderIdentity: 'node-0', renewTime } }));
  const { revision } = store.write((txn) => txn.deleteRange('/registry/events/default/e'));
  const citedAt = (mayHaveRunOut: boolean) =>
    kubeClock(store, {
      grantsOf: () => new Map([[7n, { ttlSeconds: 3600, grantedAt: undefined }]]),
      startOf: () => undefined,
      mayHaveRunOut: () => mayHaveRunOut,
    }).times.at(revision).timeUs;
  t.ok(citedAt(true) < START_US + 1000 * SECOND_US, 'the lease is still there');
  store.revokeLease(7n);
  t.ok(citedAt(true) > START_US + 3600 * SECOND_US);
  t.ok(citedAt(false) < START_US + 1000 * SECOND_US, 'the log says that it was deleted');
});

t.test('a clock that is read most often is wrong all the same', async (t) => {
  const { errors, wrong } = judge(
    simulate(SEED, { nodesAheadUs: [0, 0, 0, 0, 0, 0, 0, 0], apiserversAheadUs: [TEN_MINUTES_US] }),
  );
  t.match(wrong, [['kube-apiserver', Number]]);
  t.ok(errors.medianUs < 1_000_000 && errors.maxUs < 10 * SECOND_US && errors.held >= 0.99, errorsText(errors));
});

t.test('requests that took long, and times that were copied, do not mislead', async (t) => {
  const { errors, wrong } = judge(simulate(SEED, { nodesAheadUs: [0, 0, TEN_MINUTES_US], slow: 20 }));
  t.comment(errorsText(errors));
  t.match(wrong, [['node-2', Number]]);
  t.ok(errors.medianUs < 500_000 && errors.maxUs < 10 * SECOND_US && errors.held >= 0.99, errorsText(errors));
});
