// The revisions at which a store may have stood between two entries of a log, as runs of revisions that follow one another.

/** Revisions from `lo` to `hi`, both included. */
export interface Run {
  readonly lo: number;
  readonly hi: number;
  /** Whether the alarm NOSPACE was on from the beginning of the log; only asked for up to its first event. */
  readonly isFull: boolean;
}

export type Places = readonly Run[];

/** Returns runs in order, of which none touches another. */
export function joined(runs: readonly Run[]): Places {
  if (runs.length < 2) return runs;
  const sorted = [...runs].sort((a, b) => Number(a.isFull) - Number(b.isFull) || a.lo - b.lo);
  const result: Run[] = [];
  for (const run of sorted) {
    const last = result.at(-1);
    if (last === undefined || last.isFull !== run.isFull || run.lo > last.hi + 1) result.push(run);
    else if (run.hi > last.hi) result[result.length - 1] = { ...last, hi: run.hi };
  }
  return result;
}

export function holdsPlace(places: Places, rev: number, isFull: boolean): boolean {
  return places.some((run) => run.isFull === isFull && run.lo <= rev && rev <= run.hi);
}

/** Returns what two sets of places have in common. */
export function common(a: Places, b: Places): Places {
  return a.flatMap((run) =>
    b
      .filter((other) => other.isFull === run.isFull && other.lo <= run.hi && run.lo <= other.hi)
      .map((other) => ({ ...run, lo: Math.max(run.lo, other.lo), hi: Math.min(run.hi, other.hi) })),
  );
}

export function highestOf(places: Places): number {
  return places.reduce((highest, { hi }) => Math.max(highest, hi), 0);
}

/** Returns the place, if there is only one. */
export function onlyPlace(places: Places): number | undefined {
  const [run] = places;
  return places.length === 1 && run!.lo === run!.hi && !run!.isFull ? run!.lo : undefined;
}
