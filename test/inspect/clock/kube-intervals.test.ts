import t from 'tap';
import { EvidenceList } from '../../../src/inspect/clock/evidence.js';
import { judgeClocks } from '../../../src/inspect/clock/judge-clocks.js';
import { compactorPieces, leasePieces } from '../../../src/inspect/clock/kube-intervals.js';
import { RevisionClock } from '../../../src/inspect/clock/revision-clock.js';

const SECOND_US = 1_000_000;
const START_US = 1_795_841_731_000_000;

/** Revisions 100 to 200 are a second apart, and each is read. */
const timeOf = (revision: number): number => START_US + (revision - 100) * SECOND_US;
const evidence = new EvidenceList();
for (let revision = 100; revision <= 200; revision++) {
  const timeUs = timeOf(revision);
  evidence.add({ revision, fromUs: timeUs, untilUs: timeUs, untilRevision: revision, isNear: true, clock: 0 });
}
const times = new RevisionClock(evidence, judgeClocks(evidence, 1), 0);

t.test('the interval of the compactor tells times outside of those that were read', async (t) => {
  const puts = [
    { revision: 110, was: 90 },
    { revision: 140, was: 110 },
    { revision: 170, was: 140 },
    { revision: 230, was: 170 },
  ];
  t.match(
    [...compactorPieces(times, puts, 'key')].map(({ revision, untilUs, source }) => [revision, untilUs, source]),
    [
      [90, timeOf(80), 110],
      [230, timeOf(200), 230],
    ],
  );
  t.strictSame([...compactorPieces(times, puts.slice(0, 1), 'key')], [], 'nothing shows how long the interval is');
});

t.test('leases that ran out tell times behind those that were read', async (t) => {
  const ended = [{ revision: 205, key: 'key', lease: 7n, since: 150 }];
  const pieces = (grantedAt: number | undefined) =>
    [...leasePieces(times, ended, () => ({ ttlSeconds: 60, grantedAt }))].map(({ revision, fromUs, untilUs }) => [
      revision,
      fromUs,
      untilUs,
    ]);
  const likely = [205, undefined, timeOf(210) + SECOND_US / 2];
  t.strictSame(pieces(undefined), [likely]);
  t.strictSame(pieces(149), [[205, timeOf(209), undefined], likely], 'a log says when the lease was granted');
  t.strictSame([...leasePieces(times, ended, () => undefined)], []);
});
