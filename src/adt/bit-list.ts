// A BitList is a list of bits that grows at its end.

const FIRST_BYTES = 1024;

export class BitList {
  private bytes = new Uint8Array(FIRST_BYTES);
  private bits = 0;

  get length(): number {
    return this.bits;
  }

  push(bit: boolean): void {
    const index = this.bits++;
    if (index >> 3 === this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    if (bit) this.bytes[index >> 3]! |= 1 << (index & 7);
  }

  clear(index: number): void {
    this.bytes[index >> 3]! &= ~(1 << (index & 7));
  }

  has(index: number): boolean {
    return (this.bytes[index >> 3]! & (1 << (index & 7))) !== 0;
  }
}
