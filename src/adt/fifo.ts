// A queue: first in, first out. Taking one costs the same however many wait, which Array.shift and splice do not
// promise.

export class Fifo<T> {
  private items: T[] = [];
  /** Items before it have been taken. */
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Takes the oldest; undefined when nothing waits. */
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    // What was taken must not be kept alive.
    this.items[this.head++] = undefined as T;
    if (2 * this.head >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes up to `max`, oldest first. */
  take(max: number): T[] {
    if (max >= this.size) {
      const all = this.head === 0 ? this.items : this.items.slice(this.head);
      this.clear();
      return all;
    }
    const taken: T[] = [];
    while (taken.length < max) taken.push(this.shift()!);
    return taken;
  }

  clear(): void {
    this.items = [];
    this.head = 0;
  }
}
