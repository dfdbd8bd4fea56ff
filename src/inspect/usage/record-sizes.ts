// RecordSizes keeps how many bytes each record has, and which records a compaction would delete. Two bytes and a bit are
// kept for a record, because a file may have hundreds of millions. The sizes are kept in chunks, which never move.

const CHUNK_RECORDS = 1 << 16;

/** Stands for a size that two bytes do not hold. Few records are so large: a file has no room for many. */
const LARGE = 0xffff;

export class RecordSizes {
  private readonly sizes: Uint16Array[] = [];
  private readonly dropped: Uint8Array[] = [];
  private readonly large = new Map<number, number>();
  private count = 0;
  droppedRecords = 0;
  droppedBytes = 0;

  /** Adds the next record and returns its place, from 0. */
  add(bytes: number): number {
    const place = this.count++;
    const index = place % CHUNK_RECORDS;
    if (index === 0) {
      this.sizes.push(new Uint16Array(CHUNK_RECORDS));
      this.dropped.push(new Uint8Array(CHUNK_RECORDS / 8));
    }
    this.sizes.at(-1)![index] = Math.min(bytes, LARGE);
    if (bytes >= LARGE) this.large.set(place, bytes);
    return place;
  }

  at(place: number): number {
    const bytes = this.sizes[Math.floor(place / CHUNK_RECORDS)]![place % CHUNK_RECORDS]!;
    return bytes === LARGE ? this.large.get(place)! : bytes;
  }

  /** Notes that the compaction would delete a record. */
  drop(place: number): void {
    this.dropped[Math.floor(place / CHUNK_RECORDS)]![(place % CHUNK_RECORDS) >> 3]! |= 1 << (place % 8);
    this.droppedRecords++;
    this.droppedBytes += this.at(place);
  }

  /** Yields the sizes of the records that the compaction would leave, in order. */
  *kept(): Iterable<number> {
    for (let place = 0; place < this.count; place++) {
      const dropped = this.dropped[Math.floor(place / CHUNK_RECORDS)]![(place % CHUNK_RECORDS) >> 3]!;
      if ((dropped & (1 << (place % 8))) === 0) yield this.at(place);
    }
  }
}
