import assert from 'node:assert/strict';
import t from 'tap';
import type { DoubtKind } from '../../../src/mvcc/apply/doubt.js';
import { type Attempt, settleDoubts } from '../../../src/mvcc/apply/settle-doubts.js';
import fc from '../../support/fast-check.js';

const BY_RULE = 'refused';
const KIND = 'revision of a get';

/** What could have come of some doubts, which are at the entries 1, 2 …: 1 for what was applied, 0 for what was refused. */
type Course = string;

/** Returns applications of a log with `count` doubts, of which the database agrees to some courses. */
function attempts(
  count: number,
  agreed: readonly Course[],
  kindOf = (_: number): DoubtKind => KIND,
  anchorIndex = count,
): Attempt {
  return (decide) => {
    const doubts: ReturnType<Attempt>['doubts'][number][] = [];
    let course: Course = '';
    for (let index = 1; index <= count; index++) {
      const followed = decide(index, kindOf(index)) ?? BY_RULE;
      doubts.push({ index, kind: kindOf(index), revision: 0, reason: '', followed, decidedBy: 'rule' });
      course += followed === 'applied' ? '1' : '0';
      if (!agreed.some((other) => other.startsWith(course))) return { doubts, contradictedAt: index, anchorIndex };
    }
    return { doubts, contradictedAt: undefined, anchorIndex };
  };
}

/** Returns applications of which a doubt that was decided as applied binds all behind it. */
function bound(count: number, agreed: readonly Course[]): Attempt {
  return (decide) => {
    const doubts: ReturnType<Attempt>['doubts'][number][] = [];
    let course: Course = '';
    for (let index = 1; index <= count; index++) {
      const isBound = course.includes('1');
      const followed = decide(index, KIND) ?? (isBound ? 'applied' : BY_RULE);
      const bond = isBound ? 'earlier' : undefined;
      doubts.push({ index, kind: KIND, revision: 0, reason: '', followed, decidedBy: 'rule', bond });
      course += followed === 'applied' ? '1' : '0';
    }
    const contradictedAt = agreed.some((other) => course.startsWith(other)) ? undefined : count;
    return { doubts, contradictedAt, anchorIndex: count };
  };
}

/** Returns what is decided: 1 or 0 for what is settled, ? for what is not. */
function settled(count: number, attempt: Attempt, maxAttempts: number): string | undefined {
  const settlement = settleDoubts(attempt, maxAttempts);
  if (settlement === undefined) return undefined;
  const { doubts } = attempt(settlement.decide);
  const told = doubts.map((doubt) => (settlement.isSettled(doubt) ? Number(doubt.followed === 'applied') : '?'));
  assert.equal(told.length, count, `it is one that the database agrees to`);
  return told.join('');
}

/** Returns what all courses have in common. */
function common(courses: readonly Course[]): string | undefined {
  const [first] = courses;
  return first && [...first].map((way, i) => (courses.every((other) => other[i] === way) ? way : '?')).join('');
}

t.test('a doubt is settled if all that the database agrees to decides it the same way', async (t) => {
  t.equal(settled(3, attempts(3, ['101']), 100), '101');
  t.equal(settled(3, attempts(3, ['101', '110']), 100), '1??', 'either of two');
  t.equal(settled(3, attempts(3, ['000', '111']), 100), '???');
  t.equal(settled(3, attempts(3, []), 100), undefined, 'a database that nothing explains');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }).chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.uniqueArray(
            fc.array(fc.constantFrom('0', '1'), { minLength: count, maxLength: count }).map((ways) => ways.join('')),
            { maxLength: 6 },
          ),
        ),
      ),
      ([count, agreed]) => assert.equal(settled(count, attempts(count, agreed), 1000), common(agreed)),
    ),
  );
});

t.test('what is not tried is not settled', async (t) => {
  const agreed = ['11000', '11011'];
  const all = common(agreed)!;
  let count = 0;
  for (let max = 1; max < 20; max++) {
    const told = settled(5, attempts(5, agreed), max);
    if (told === undefined) continue;
    count++;
    t.ok(
      [...told].every((way, i) => way === '?' || way === all[i]),
      `${max} applications: ${told}`,
    );
  }
  t.ok(count > 0, 'something is told before all is tried');
});

t.test('behind the anchor, what was tried counts though not all was', async (t) => {
  const agreed = Array.from({ length: 64 }, (_, i) => `${i.toString(2).padStart(6, '0')}10`);
  t.equal(settled(8, attempts(8, agreed, undefined, 6), 20), '??????10');
  t.equal(settled(8, attempts(8, agreed, undefined, 7), 20), '???????0');
});

t.test('what hangs on the release is decided for all entries at once, if it can be', async (t) => {
  const kindOf = (index: number): DoubtKind => (index % 2 === 0 ? 'rights in a nested transaction' : KIND);
  let runs = 0;
  const counted: Attempt = (decide) => {
    runs++;
    return attempts(8, ['11010101'], kindOf)(decide);
  };
  t.equal(settled(8, counted, 100), '11010101');
  t.ok(runs < 20, `${runs} applications`);
  t.equal(settled(4, attempts(4, ['0100'], kindOf), 100), '0100', 'a server that was upgraded on the way');
});

t.test('an entry that is refused for one thing or for another is refused', async (t) => {
  const attempt: Attempt = (decide) => {
    const kinds: readonly DoubtKind[] = ['rights in a nested transaction', KIND];
    const refusing = kinds.find((kind) => decide(1, kind) !== 'applied');
    const followed = refusing === undefined ? 'applied' : 'refused';
    const told = refusing === undefined ? kinds : [refusing];
    const doubts = told.map(
      (kind) => ({ index: 1, kind, revision: 0, reason: '', followed, decidedBy: 'rule' }) as const,
    );
    return { doubts, contradictedAt: refusing === undefined ? 1 : undefined, anchorIndex: 1 };
  };
  t.equal(settled(1, attempt, 100), '0');
});

t.test('what is bound to an earlier decision is not tried the other way', async (t) => {
  t.equal(settled(3, bound(3, ['100', '001', '010']), 100), '001', 'only one of them is refused, and then applied');
  t.equal(settled(3, bound(3, ['011', '111']), 100), '?11');
  let runs = 0;
  const counted: Attempt = (decide) => {
    runs++;
    return bound(20, ['00001'])(decide);
  };
  t.equal(settled(20, counted, 100), '00001'.padEnd(20, '1'));
  t.ok(runs <= 25, `${runs} applications`);
  t.equal(settled(3, bound(3, ['100']), 100), '100', 'unless nothing else explains the database');
});
