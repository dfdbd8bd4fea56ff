// LargestValues keeps the keys with the largest values: of each key its largest value, and the newest of those.

export interface LargeValue {
  readonly key: string;
  readonly bytes: number;
  readonly main: number;
  readonly sub: number;
}

export class LargestValues {
  private readonly values = new Map<string, LargeValue>();
  private smallest: LargeValue | undefined;

  constructor(private readonly limit: number) {}

  /** Returns whether a value cannot be among the largest, or changes nothing there. */
  isTooSmall(bytes: number, key: string): boolean {
    const { smallest } = this;
    return smallest !== undefined && (bytes < smallest.bytes || (bytes === smallest.bytes && key > smallest.key));
  }

  add(value: LargeValue): void {
    const known = this.values.get(value.key);
    if (known !== undefined && known.bytes > value.bytes) return;
    this.values.set(value.key, value);
    if (known?.bytes === value.bytes) return;
    if (this.values.size > this.limit) this.values.delete(this.last()!.key);
    this.smallest = this.values.size < this.limit ? undefined : this.last();
  }

  /** Returns the values, the largest first. */
  list(): LargeValue[] {
    return [...this.values.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  private last(): LargeValue | undefined {
    let last: LargeValue | undefined;
    for (const value of this.values.values()) if (last === undefined || isBefore(last, value)) last = value;
    return last;
  }
}

function isBefore(a: LargeValue, b: LargeValue): boolean {
  return a.bytes > b.bytes || (a.bytes === b.bytes && a.key < b.key);
}
