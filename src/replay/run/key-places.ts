// Finds the newest record of each key. It is a hash table of the records' places: the key of a record is asked for when it
// is compared, so that no key is kept. A key takes some eight bytes.

const FIRST_SLOTS = 16;

export class KeyPlaces {
  /** Each slot has a place + 1, or 0 when it is free. */
  private slots = new Uint32Array(FIRST_SLOTS);
  private used = 0;

  /** `keyAt` returns the key of the record at a place. */
  constructor(private readonly keyAt: (place: number) => string) {}

  /** Returns the place of a key's newest record; undefined when it has none. */
  get(key: string): number | undefined {
    const found = this.slots[this.slotOf(key)]!;
    return found === 0 ? undefined : found - 1;
  }

  set(key: string, place: number): void {
    const slot = this.slotOf(key);
    if (this.slots[slot] === 0) this.used++;
    this.slots[slot] = place + 1;
    if (4 * this.used > 3 * this.slots.length) this.grow();
  }

  /** Yields the place of each key's newest record, in no order. */
  *places(): Iterable<number> {
    for (const found of this.slots) if (found !== 0) yield found - 1;
  }

  private slotOf(key: string): number {
    const mask = this.slots.length - 1;
    let slot = hashOf(key) & mask;
    for (let found = this.slots[slot]!; found !== 0; found = this.slots[slot]!) {
      if (this.keyAt(found - 1) === key) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(2 * before.length);
    const mask = this.slots.length - 1;
    for (const found of before) {
      if (found === 0) continue;
      let slot = hashOf(this.keyAt(found - 1)) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = found;
    }
  }
}

/** FNV-1a, with its bits mixed once more, as only the low ones are used. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
