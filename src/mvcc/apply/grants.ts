// The ranges of keys that a user may read, and those it may write, by all of its roles. A range that is asked for may be
// covered by several that touch one another.

import type { KeySpan, Permission } from '../../wal/request.js';

export type Access = 'read' | 'write';

interface Range {
  readonly begin: string;
  /** '' for no end. */
  readonly end: string;
}

/** Whether one end of a range is at or above another. */
function reaches(end: string, other: string): boolean {
  return end === '' || (other !== '' && end >= other);
}

function rangeOf({ key, end }: KeySpan): Range {
  return { begin: key, end: end ?? `${key}\0` };
}

export class Grants {
  private readonly ranges: Readonly<Record<Access, readonly Range[]>>;

  constructor(permissions: readonly Permission[]) {
    const of = (access: Access) =>
      permissions
        .filter((permission) => permission.access === access || permission.access === 'readwrite')
        .map(rangeOf)
        .sort((a, b) => (a.begin < b.begin ? -1 : 1));
    this.ranges = { read: of('read'), write: of('write') };
  }

  allow(access: Access, span: KeySpan): boolean {
    const { begin, end } = rangeOf(span);
    let covered: string | undefined;
    for (const range of this.ranges[access]) {
      // Only what overlaps counts. A range that ends where it begins, or before, lies where it begins.
      const isBehind = range.begin > begin && end !== '' && range.begin >= end;
      if ((range.end !== '' && range.end <= begin) || isBehind) continue;
      if (covered === undefined && range.begin > begin) return false;
      if (covered !== undefined && covered !== '' && range.begin > covered) return false;
      if (covered === undefined || reaches(range.end, covered)) covered = range.end;
      if (covered === '') break;
    }
    return covered !== undefined && reaches(covered, end);
  }
}
