// KeyNumbers gives each key a number, from 0 on, in 20 bytes a key. It keeps no keys, only 64 bits that are mixed from
// each: the odds that any two of a million keys have the same are below one in ten million.

const FIRST_CAPACITY = 1024;
const NO_NUMBER = -1;

export class KeyNumbers {
  private count = 0;
  /** The number of a key, and 1; 0 where there is none. Half of them or more are free. */
  private slots = new Uint32Array(2 * FIRST_CAPACITY);
  private high = new Uint32Array(FIRST_CAPACITY);
  private low = new Uint32Array(FIRST_CAPACITY);
  private keyHigh = 0;
  private keyLow = 0;

  get size(): number {
    return this.count;
  }

  /** Returns the number of a key; undefined if it has none. A key is a string of one char a byte. */
  get(key: string): number | undefined {
    this.mix(key);
    const number = this.slots[this.find()]! - 1;
    return number === NO_NUMBER ? undefined : number;
  }

  /** Returns the number of a key, which gets the next one if it has none. */
  add(key: string): number {
    this.mix(key);
    const slot = this.find();
    const known = this.slots[slot]! - 1;
    if (known !== NO_NUMBER) return known;
    const number = this.count++;
    if (number === this.high.length) this.grow();
    this.high[number] = this.keyHigh;
    this.low[number] = this.keyLow;
    this.slots[this.find()] = number + 1;
    return number;
  }

  /** Returns the slot of the key that was mixed last, or the free one that it can have. */
  private find(): number {
    const { slots, high, low, keyHigh, keyLow } = this;
    const mask = slots.length - 1;
    for (let slot = keyLow & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (number === NO_NUMBER || (low[number] === keyLow && high[number] === keyHigh)) return slot;
    }
  }

  private mix(key: string): void {
    let one = 0x9e3779b9 ^ key.length;
    let two = 0x85ebca6b;
    for (let i = 0; i < key.length; i++) {
      const char = key.charCodeAt(i);
      one = Math.imul(one ^ char, 0x9e3779b1);
      one = (one << 13) | (one >>> 19);
      two = Math.imul(two ^ char, 0x5f356495);
      two = (two << 17) | (two >>> 15);
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
    two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
    this.keyHigh = one >>> 0;
    this.keyLow = two >>> 0;
  }

  private grow(): void {
    this.high = doubled(this.high);
    this.low = doubled(this.low);
    this.slots = new Uint32Array(2 * this.slots.length);
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.count - 1; number++) {
      let slot = this.low[number]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = number + 1;
    }
  }
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(2 * column.length);
  copy.set(column);
  return copy;
}
