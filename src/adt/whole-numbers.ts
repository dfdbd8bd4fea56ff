// Lists of whole numbers below 2^32 that grow at their end. They are outside the JavaScript heap, in chunks, so that
// growing copies nothing and a long list takes 4 bytes a number, or none where the numbers can be guessed.

const CHUNK_BITS = 14;
const CHUNK_LENGTH = 1 << CHUNK_BITS;

export class WholeNumbers {
  private readonly chunks: Uint32Array[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(number: number): void {
    if (this.count === this.chunks.length * CHUNK_LENGTH) this.chunks.push(new Uint32Array(CHUNK_LENGTH));
    this.chunks[this.count >>> CHUNK_BITS]![this.count & (CHUNK_LENGTH - 1)] = number;
    this.count++;
  }

  /** Returns the number at a place, which is below the length. */
  at(place: number): number {
    return this.chunks[place >>> CHUNK_BITS]![place & (CHUNK_LENGTH - 1)]!;
  }
}

/** A list that takes no memory as long as each number is the one that `guess` returns for its place. */
export class GuessedNumbers {
  private guessed = 0;
  private numbers: WholeNumbers | undefined;

  constructor(private readonly guess: (place: number) => number) {}

  get length(): number {
    return this.numbers?.length ?? this.guessed;
  }

  push(number: number): void {
    if (this.numbers === undefined && number !== this.guess(this.guessed)) {
      this.numbers = new WholeNumbers();
      for (let place = 0; place < this.guessed; place++) this.numbers.push(this.guess(place));
    }
    if (this.numbers === undefined) this.guessed++;
    else this.numbers.push(number);
  }

  at(place: number): number {
    return this.numbers === undefined ? this.guess(place) : this.numbers.at(place);
  }
}
