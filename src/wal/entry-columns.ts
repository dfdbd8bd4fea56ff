// The raft entries of a log as columns: some 22 bytes an entry, outside the JavaScript heap. Rows are in the order of the
// indexes, which follow one another but for a few jumps. An entry drops all that have its index or a higher one: raft
// writes an index again when a new leader did not have what an old one had appended.

import { countBefore } from '../adt/binary-search.js';
import { NumberColumn } from '../adt/number-column.js';

/** Where an entry is, and what its record says of it. */
export interface LogEntry {
  readonly index: number;
  readonly term: number;
  readonly type: number;
  /** The position of its frame in the log. */
  readonly position: number;
  /** The position of its data in the log. */
  readonly dataPosition: number;
  readonly dataLength: number;
}

/** Entries whose indexes follow one another. */
interface Run {
  readonly firstRow: number;
  readonly firstIndex: number;
}

export class EntryColumns {
  count = 0;
  private readonly runs: Run[] = [];
  private readonly positions = new NumberColumn(Float64Array);
  private readonly terms = new NumberColumn(Float64Array);
  private readonly lengths = new NumberColumn(Uint32Array);
  private readonly distances = new NumberColumn(Uint8Array);
  private readonly types = new NumberColumn(Uint8Array);

  /** Adds an entry. Its data lies `distance` bytes behind `position`. */
  append(index: number, term: number, type: number, position: number, distance: number, length: number): void {
    const row = this.count++;
    const run = this.runs.at(-1);
    if (run === undefined || index !== run.firstIndex + row - run.firstRow) {
      this.runs.push({ firstRow: row, firstIndex: index });
    }
    this.positions.set(row, position);
    this.terms.set(row, term);
    this.lengths.set(row, length);
    this.distances.set(row, distance);
    this.types.set(row, type);
  }

  /** Adds an entry of other columns. */
  copy(other: EntryColumns, row: number): void {
    const { index, term, type, position, dataPosition, dataLength } = other.entry(row, other.indexOf(row));
    this.append(index, term, type, position, dataPosition - position, dataLength);
  }

  /** Drops the rows from this one on. */
  truncate(row: number): void {
    this.count = row;
    while (this.runs.length > 0 && this.runs.at(-1)!.firstRow >= row) this.runs.pop();
  }

  /** Returns the row of the first entry whose index is not below this one; `count` if there is none. Indexes ascend. */
  rowFrom(index: number): number {
    const low = countBefore(this.runs.length, (run) => this.runs[run]!.firstIndex <= index);
    // The run before `low` is the last one that begins at the index or below it.
    if (low === 0) return 0;
    const run = this.runs[low - 1]!;
    const end = this.runs[low]?.firstRow ?? this.count;
    return Math.min(run.firstRow + index - run.firstIndex, end);
  }

  indexOf(row: number): number {
    const { firstIndex, firstRow } = this.runs[this.runOf(row)]!;
    return firstIndex + row - firstRow;
  }

  /** Returns the row behind the last one whose indexes follow one another from this row on. */
  runEnd(row: number): number {
    return this.runs[this.runOf(row) + 1]?.firstRow ?? this.count;
  }

  /** Returns which run a row is in. */
  private runOf(row: number): number {
    return countBefore(this.runs.length, (run) => this.runs[run]!.firstRow <= row) - 1;
  }

  term(row: number): number {
    return this.terms.at(row);
  }

  type(row: number): number {
    return this.types.at(row);
  }

  position(row: number): number {
    return this.positions.at(row);
  }

  dataPosition(row: number): number {
    return this.positions.at(row) + this.distances.at(row);
  }

  dataLength(row: number): number {
    return this.lengths.at(row);
  }

  /** Returns a row, whose index the caller knows. */
  entry(row: number, index: number): LogEntry {
    const [position, dataPosition] = [this.position(row), this.dataPosition(row)];
    return {
      index,
      term: this.term(row),
      type: this.type(row),
      position,
      dataPosition,
      dataLength: this.dataLength(row),
    };
  }

  /** Returns the rows at which the indexes jump. */
  jumpRows(): number[] {
    return this.runs.slice(1).map(({ firstRow }) => firstRow);
  }
}
