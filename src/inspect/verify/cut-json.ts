// Cuts what is read, piece by piece, into values of JSON that are parsed one by one. A value is an object at the top, or
// in a list at the top. A list named `Responses` in such an object, which can be of any length, is cut as well:
//
//   {"Request":{…},"Responses":[{…},{…}]}
//   ╰── begin ───╯              ╰─╯ ╰─╯ ╰ end
//                              item item

import { MvccwError } from '../../errors.js';

export interface JsonPiece {
  /** A whole object, or what an object holds before the list, an item of the list, and what the object holds behind. */
  readonly kind: 'whole' | 'begin' | 'item' | 'end';
  readonly text: string;
  /** The line, from 1, on which the piece begins. */
  readonly line: number;
}

/** A piece has to fit into a string. */
const MAX_PIECE_BYTES = 256 * 1024 * 1024;
const FIRST_CAPACITY = 1024 * 1024;
const LIST_NAME = '"Responses"';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, NEWLINE]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export class JsonCutter {
  private bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  private length = 0;
  /** The place of the next byte to look at. */
  private at = 0;
  private line = 1;
  private inString = false;
  /** The number of open brackets, without that of a list at the top. */
  private depth = 0;
  private inTopList = false;
  /** Where the object stands that is being read: before a list that is cut, in it, or behind. */
  private part: 'head' | 'list' | 'tail' = 'head';
  /** Where the piece begins that is being read; undefined between pieces. */
  private start: number | undefined;
  private startLine = 1;
  private stringStart = 0;
  /** Where the last string of an object at the top stands; it may be the name of a list. */
  private nameStart = 0;
  private nameEnd = 0;
  private pieces: JsonPiece[] = [];
  private begun = false;

  /** Takes the next bytes, and returns the pieces that end in them. Throws FORMAT, or CORRUPT for an endless piece. */
  push(chunk: Buffer): readonly JsonPiece[] {
    this.append(chunk);
    if (!this.begun && this.length >= BYTE_ORDER_MARK.length) {
      this.begun = true;
      if (this.bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) this.at = BYTE_ORDER_MARK.length;
    }
    this.scan();
    this.drop();
    const { pieces } = this;
    this.pieces = [];
    return pieces;
  }

  /** The line on which a value begins that has not ended yet; undefined if all have ended. */
  get cutAt(): number | undefined {
    return this.depth === 0 && !this.inTopList ? undefined : this.startLine;
  }

  private append(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (length - (this.start ?? this.at) > MAX_PIECE_BYTES) {
      throw new MvccwError('CORRUPT', `line ${this.startLine}: a value has more than ${MAX_PIECE_BYTES} bytes`);
    }
    if (length > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.bytes.length));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    chunk.copy(this.bytes, this.length);
    this.length = length;
  }

  /** Forgets what lies before the piece that is being read. */
  private drop(): void {
    const kept = this.start ?? this.at;
    if (kept === 0) return;
    this.bytes.copy(this.bytes, 0, kept, this.length);
    this.length -= kept;
    this.at -= kept;
    this.stringStart -= kept;
    this.nameStart -= kept;
    this.nameEnd -= kept;
    if (this.start !== undefined) this.start = 0;
  }

  private scan(): void {
    const { bytes, length } = this;
    for (; this.at < length; this.at++) {
      if (this.inString) {
        this.endString();
        continue;
      }
      const byte = bytes[this.at]!;
      if (byte === NEWLINE) this.line++;
      else if (byte === QUOTE) this.beginString();
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.open(byte);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.close(byte);
      else if (this.start === undefined && !BLANKS.has(byte) && byte !== COMMA) throw this.notJson();
    }
  }

  private beginString(): void {
    if (this.start === undefined) throw this.notJson();
    this.inString = true;
    this.stringStart = this.at;
  }

  /** Goes on to the quote that ends the string, if it is there. */
  private endString(): void {
    const quote = this.bytes.subarray(0, this.length).indexOf(QUOTE, this.at);
    this.at = quote < 0 ? this.length - 1 : quote;
    if (quote < 0) return;
    let backslashes = 0;
    while (this.bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 1) return;
    this.inString = false;
    if (this.depth !== 1) return;
    this.nameStart = this.stringStart;
    this.nameEnd = quote + 1;
  }

  private open(bracket: number): void {
    if (this.depth === 0) {
      if (bracket === OPEN_LIST) {
        if (this.inTopList) throw this.notJson();
        this.inTopList = true;
        this.startLine = this.line;
        return;
      }
      this.begin(this.at);
    } else if (this.part === 'list' && this.depth === 2) {
      this.begin(this.at);
    } else if (this.part === 'head' && this.depth === 1 && bracket === OPEN_LIST && this.isResponses()) {
      this.part = 'list';
      this.cutHead();
    }
    this.depth++;
  }

  private begin(at: number): void {
    this.start = at;
    this.startLine = this.line;
  }

  /** Tells whether the list that begins here is named as one that is cut. */
  private isResponses(): boolean {
    const { bytes, nameStart, nameEnd } = this;
    if (nameEnd <= nameStart || bytes.toString('latin1', nameStart, nameEnd) !== LIST_NAME) return false;
    const between = bytes.toString('latin1', nameEnd, this.at).trim();
    return between === String.fromCharCode(COLON);
  }

  private cutHead(): void {
    const head = this.bytes.toString('utf8', this.start, this.nameStart).trimEnd();
    this.emit('begin', `${head.endsWith(',') ? head.slice(0, -1) : head}}`);
    this.start = undefined;
  }

  private close(bracket: number): void {
    if (this.depth === 0) {
      if (!this.inTopList || bracket !== CLOSE_LIST) throw this.notJson();
      this.inTopList = false;
      return;
    }
    this.depth--;
    if (this.part === 'list' && this.depth === 2) {
      this.emit('item', this.textTo(this.at + 1));
      this.start = undefined;
    } else if (this.part === 'list' && this.depth === 1) {
      this.part = 'tail';
      this.begin(this.at + 1);
    } else if (this.depth === 0) {
      if (this.part === 'head') this.emit('whole', this.textTo(this.at + 1));
      else
        this.emit(
          'end',
          `{${this.textTo(this.at + 1)
            .trimStart()
            .replace(/^,/, '')}`,
        );
      this.part = 'head';
      this.start = undefined;
    }
  }

  private textTo(end: number): string {
    return this.bytes.toString('utf8', this.start, end);
  }

  private emit(kind: JsonPiece['kind'], text: string): void {
    this.pieces.push({ kind, text, line: this.startLine });
  }

  private notJson(): MvccwError {
    return new MvccwError('FORMAT', `line ${this.line}: no object of JSON`, {
      hint: 'a recorded stream is JSON: see `mvccw verify --help` for its forms',
    });
  }
}
