// A queue: first in, first out. Taking an item costs the same however long the queue is; Array.shift and splice do not
// promise that.

export class Fifo<T> {
  private items: T[] = [];
  /** The place of the oldest item; the items before it have been taken. */
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Removes and returns the oldest item; undefined if the queue is empty. */
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    // The queue must not keep the item alive.
    this.items[this.head++] = undefined as T;
    if (2 * this.head >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Removes and returns up to `max` items, oldest first. */
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
