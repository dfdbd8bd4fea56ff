// A column of numbers by row, each 0 until it is set. It is outside the JavaScript heap, in chunks, so that growing
// copies nothing, and a column that is never set takes no memory.

const CHUNK_BITS = 14;
const CHUNK_LENGTH = 1 << CHUNK_BITS;

export class NumberColumn {
  private readonly chunks: (Float64Array | Uint32Array | undefined)[] = [];

  /** `Chunk` says which numbers there can be: Uint32Array takes half the memory. */
  constructor(private readonly Chunk: new (length: number) => Float64Array | Uint32Array) {}

  at(row: number): number {
    return this.chunks[row >>> CHUNK_BITS]?.[row & (CHUNK_LENGTH - 1)] ?? 0;
  }

  set(row: number, number: number): void {
    const place = row >>> CHUNK_BITS;
    while (this.chunks.length <= place) this.chunks.push(undefined);
    this.chunks[place] ??= new this.Chunk(CHUNK_LENGTH);
    this.chunks[place][row & (CHUNK_LENGTH - 1)] = number;
  }
}
