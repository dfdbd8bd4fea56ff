import t from 'tap';
import { monotoneCurve } from '../../../src/inspect/clock/monotone-curve.js';
import fc from '../../support/fast-check.js';

type Span = readonly [low: number, high: number];

const curveOf = (spans: readonly Span[]): number[] => [
  ...monotoneCurve(
    spans.length,
    (place) => spans[place]![0],
    (place) => spans[place]![1],
  ),
];

const distance = ([low, high]: Span, time: number): number => Math.max(low - time, time - high, 0);
const sumOf = (spans: readonly Span[], curve: readonly number[]): number =>
  spans.reduce((sum, span, place) => sum + distance(span, curve[place]!), 0);

/** Returns the least sum of distances, and the highest curve that has it, by trying each of the times at each place. */
function slowCurve(spans: readonly Span[]): { least: number; highest: number[] } {
  const times = [...new Set(spans.flat())].sort((a, b) => a - b);
  // least[place][i]: the least sum from `place` on, if the curve is times[i] or above there.
  const least = spans.map(() => times.map(() => 0)).concat([times.map(() => 0)]);
  const at = (place: number, i: number) => distance(spans[place]!, times[i]!) + least[place + 1]![i]!;
  for (let place = spans.length - 1; place >= 0; place--) {
    for (let i = times.length - 1; i >= 0; i--) {
      least[place]![i] = Math.min(at(place, i), least[place]![i + 1] ?? Number.POSITIVE_INFINITY);
    }
  }
  // The curve is found from its end: the highest time with which the places before can still have the least sum.
  const before = spans.map(() => times.map(() => 0));
  for (let place = 0; place < spans.length; place++) {
    for (let i = 0; i < times.length; i++) {
      const own = distance(spans[place]!, times[i]!) + (place === 0 ? 0 : before[place - 1]![i]!);
      before[place]![i] = Math.min(own, i === 0 ? Number.POSITIVE_INFINITY : before[place]![i - 1]!);
    }
  }
  const highest: number[] = [];
  let bound = times.length - 1;
  for (let place = spans.length - 1; place >= 0; place--) {
    const own = (i: number) => distance(spans[place]!, times[i]!) + (place === 0 ? 0 : before[place - 1]![i]!);
    let best = 0;
    for (let i = 0; i <= bound; i++) if (own(i) <= own(best)) best = i;
    highest.unshift(times[best]!);
    bound = best;
  }
  return { least: least[0]?.[0] ?? 0, highest };
}

t.test('times that contradict those around them do not move the curve', async (t) => {
  const exact = (...times: number[]): Span[] => times.map((time) => [time, time]);
  t.strictSame(curveOf(exact(1, 2, 3, 900, 4, 5, 6, 7)), [1, 2, 3, 5, 5, 5, 6, 7], 'one far ahead');
  t.strictSame(curveOf(exact(1, 2, 3, -900, 4, 5)), [1, 2, 3, 3, 4, 5], 'one far behind');
  t.strictSame(curveOf([...exact(1, 2), [0, 9], ...exact(3)]), [1, 2, 3, 3], 'the highest in a span');
  t.strictSame(curveOf([]), []);
});

t.test('no curve that never falls is nearer, and none that is as near is higher', async () => {
  const time = fc.integer({ min: 0, max: 9 });
  const span = fc.tuple(time, time).map(([a, b]): Span => (a < b ? [a, b] : [b, a]));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), (spans) => {
      const curve = curveOf(spans);
      const { least, highest } = slowCurve(spans);
      t.ok(curve.every((at, place) => place === 0 || at >= curve[place - 1]!));
      t.equal(sumOf(spans, curve), least);
      t.strictSame(curve, highest);
    }),
  );
});
