import t from 'tap';
import { lowerCurve, upperCurve } from '../../../src/inspect/clock/monotone-curve.js';
import fc from '../../support/fast-check.js';

interface WeightedSpan {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

function curvesOf(spans: readonly WeightedSpan[]) {
  const column = (name: keyof WeightedSpan) => Float64Array.from(spans, (span) => span[name]);
  const columns = { low: column('low'), high: column('high'), weight: column('weight') };
  return { lower: [...lowerCurve(columns)], upper: [...upperCurve(columns)] };
}

const distance = ({ low, high, weight }: WeightedSpan, time: number): number =>
  weight * Math.max(low - time, time - high, 0);

/** Returns the least sum of distances, and the lowest and highest curve that has it, by trying each time at each place. */
function slowCurves(spans: readonly WeightedSpan[]) {
  const times = [...new Set(spans.flatMap(({ low, high }) => [low, high]))].sort((a, b) => a - b);
  // The least sum of the places up to one, whose time is the i-th at most.
  const least = spans.map((): number[] => []);
  const upTo = (place: number, i: number) =>
    distance(spans[place]!, times[i]!) + (place === 0 ? 0 : least[place - 1]![i]!);
  for (let place = 0; place < spans.length; place++) {
    for (let i = 0; i < times.length; i++) {
      least[place]!.push(Math.min(upTo(place, i), least[place]![i - 1] ?? Number.POSITIVE_INFINITY));
    }
  }
  const curve = (isBetter: (sum: number, best: number) => boolean): number[] => {
    const found: number[] = [];
    let bound = times.length - 1;
    for (let place = spans.length - 1; place >= 0; place--) {
      let best = 0;
      for (let i = 0; i <= bound; i++) if (isBetter(upTo(place, i), upTo(place, best))) best = i;
      found.unshift(times[best]!);
      bound = best;
    }
    return found;
  };
  return {
    least: least.at(-1)?.at(-1) ?? 0,
    lower: curve((sum, best) => sum < best),
    upper: curve((sum, best) => sum <= best),
  };
}

t.test('times that contradict those around them do not move the curves', async (t) => {
  const exact = (...times: number[]): WeightedSpan[] => times.map((time) => ({ low: time, high: time, weight: 1 }));
  t.strictSame(curvesOf(exact(1, 2, 3, 900, 4, 5, 6, 7)), {
    lower: [1, 2, 3, 4, 4, 5, 6, 7],
    upper: [1, 2, 3, 5, 5, 5, 6, 7],
  });
  t.strictSame(curvesOf(exact(1, 2, 3, -900, 4, 5)).upper, [1, 2, 3, 3, 4, 5], 'one far behind');
  t.strictSame(curvesOf([...exact(1), { low: 9, high: 9, weight: 3 }, ...exact(2, 3)]).upper, [1, 9, 9, 9], 'weights');
  t.strictSame(curvesOf([]), { lower: [], upper: [] });
});

t.test('no curve that never falls is nearer, and all that are as near lie between both', async () => {
  const time = fc.integer({ min: 0, max: 9 });
  const span = fc
    .tuple(time, time, fc.integer({ min: 1, max: 3 }))
    .map(([a, b, weight]): WeightedSpan => ({ low: Math.min(a, b), high: Math.max(a, b), weight }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), (spans) => {
      const { least, ...slow } = slowCurves(spans);
      const curves = curvesOf(spans);
      t.strictSame(curves, slow);
      for (const curve of Object.values(curves)) {
        t.ok(curve.every((at, place) => place === 0 || at >= curve[place - 1]!));
        t.equal(
          spans.reduce((sum, one, place) => sum + distance(one, curve[place]!), 0),
          least,
        );
      }
    }),
  );
});
