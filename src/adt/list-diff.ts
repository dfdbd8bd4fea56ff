// The shortest way from one list of texts to another: which items go, which come, which stay. It follows Myers' greedy
// algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986), which takes the more time the more differs.
// Lists that differ in too much are told as removed and added as a whole.

/** Of the lists `before` and `after`, `count` items from these places on stay, go or come. */
export interface Run {
  readonly is: 'kept' | 'removed' | 'added';
  readonly before: number;
  readonly after: number;
  readonly count: number;
}

/** The most items that may go and come together in the middle of the lists. */
const MAX_EDITS = 600;

/** Returns the runs in order; those that go come before those that come in their place. */
export function diffLists(before: readonly string[], after: readonly string[], maxEdits = MAX_EDITS): Run[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const runs = new RunList();
  runs.keep(head);
  addEdits(runs, before.slice(head, before.length - tail), after.slice(head, after.length - tail), maxEdits);
  runs.keep(tail);
  return runs.end();
}

function addEdits(runs: RunList, before: readonly string[], after: readonly string[], maxEdits: number): void {
  const trail = trailOf(before, after, maxEdits);
  if (trail === undefined) {
    runs.removed += before.length;
    runs.added += after.length;
    return;
  }
  for (const step of stepsOf(trail, before.length - after.length, before.length)) {
    if (step === 'kept') runs.keep(1);
    else runs[step]++;
  }
}

/** Joins steps to runs. */
class RunList {
  private readonly list: Run[] = [];
  private kept = 0;
  removed = 0;
  added = 0;
  private before = 0;
  private after = 0;

  keep(count: number): void {
    if (count > 0 && this.removed + this.added > 0) this.flush();
    this.kept += count;
  }

  end(): Run[] {
    this.flush();
    return this.list;
  }

  private flush(): void {
    this.push('kept', this.kept);
    this.push('removed', this.removed);
    this.push('added', this.added);
    this.kept = this.removed = this.added = 0;
  }

  private push(is: Run['is'], count: number): void {
    if (count === 0) return;
    this.list.push({ is, before: this.before, after: this.after, count });
    if (is !== 'added') this.before += count;
    if (is !== 'removed') this.after += count;
  }
}

/**
 * Finds how far one gets with 0, 1, 2, … edits. A diagonal k is the places where (place in before) − (place in after) is
 * k; for each number of edits, the furthest place in `before` on each diagonal from −edits to +edits is noted.
 */
function trailOf(before: readonly string[], after: readonly string[], maxEdits: number): Int32Array[] | undefined {
  const trail: Int32Array[] = [];
  const most = Math.min(before.length + after.length, maxEdits);
  for (let edits = 0; edits <= most; edits++) {
    const last = trail[edits - 1];
    const reached = new Int32Array(2 * edits + 1);
    for (let k = -edits; k <= edits; k += 2) {
      let x = last === undefined ? 0 : isDown(last, edits, k) ? at(last, k + 1) : at(last, k - 1) + 1;
      let y = x - k;
      while (x < before.length && y < after.length && before[x] === after[y]) {
        x++;
        y++;
      }
      reached[k + edits] = x;
      if (k !== before.length - after.length || x < before.length) continue;
      trail.push(reached);
      return trail;
    }
    trail.push(reached);
  }
  return undefined;
}

/** Returns the place that was reached on a diagonal with the edits that `reached` is of. */
function at(reached: Int32Array, k: number): number {
  return reached[k + (reached.length - 1) / 2]!;
}

/** Whether diagonal k is reached by an addition, from diagonal k + 1 with one edit less; else by a removal, from k − 1. */
function isDown(last: Int32Array, edits: number, k: number): boolean {
  return k === -edits || (k !== edits && at(last, k - 1) < at(last, k + 1));
}

/** Walks back along the trail, from its end on a diagonal. Returns the steps from the beginning on. */
function stepsOf(trail: readonly Int32Array[], diagonal: number, end: number): Run['is'][] {
  const steps: Run['is'][] = [];
  let k = diagonal;
  let x = end;
  for (let edits = trail.length - 1; edits > 0; edits--) {
    const last = trail[edits - 1]!;
    const down = isDown(last, edits, k);
    k += down ? 1 : -1;
    const from = at(last, k);
    for (const begin = down ? from : from + 1; x > begin; x--) steps.push('kept');
    steps.push(down ? 'added' : 'removed');
    x = from;
  }
  for (; x > 0; x--) steps.push('kept');
  return steps.reverse();
}
