// A column of numbers by row, each 0 until it is set. It is outside the JavaScript heap, in chunks, so that growing
// copies nothing, and where all numbers are 0 it takes no memory.

const CHUNK_BITS = 14;
const CHUNK_LENGTH = 1 << CHUNK_BITS;

type Chunk = Float64Array | Uint32Array | Uint8Array;

export class NumberColumn {
  private readonly chunks: (Chunk | undefined)[] = [];

  /** The class of the chunks says which numbers there can be, and how much memory they take. */
  constructor(private readonly Chunk: new (length: number) => Chunk) {}

  at(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]?.[row & (CHUNK_LENGTH - 1)] ?? 0;
  }

  set(row: number, number: number): void {
    const place = row >>> CHUNK_BITS;
    if (number === 0 && this.chunks[place] === undefined) return;
    while (this.chunks.length <= place) this.chunks.push(undefined);
    this.chunks[place] ??= new this.Chunk(CHUNK_LENGTH);
    this.chunks[place][row & (CHUNK_LENGTH - 1)] = number;
  }
}
