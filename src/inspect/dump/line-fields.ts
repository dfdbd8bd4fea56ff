// Reads the fields of one line of JSON, each of which must be there in one form. What nobody asked for is refused.

import { type Bytes, bytesOf, fromUtf8 } from '../../bytes/byte-string.js';
import { quoteText } from '../../bytes/key-text.js';
import { MvccwError } from '../../errors.js';

export function badLine(problem: string): MvccwError {
  return new MvccwError('CORRUPT', problem, {
    hint: 'load reads what mvccw dump has written, all of it and unchanged',
  });
}

export class LineFields {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly asked = new Set<string>();

  /** Throws CORRUPT unless the line is an object of JSON. */
  constructor(private readonly line: Bytes) {
    const value = parsed(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badLine('no object of JSON');
    this.values = value as Readonly<Record<string, unknown>>;
  }

  private take(name: string): unknown {
    this.asked.add(name);
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined;
  }

  private wrong(name: string, expected: string): MvccwError {
    const found = this.values[name];
    return badLine(found === undefined ? `no field ${name}` : `field ${name} is not ${expected}`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value !== 'string') throw this.wrong(name, 'text');
    return value;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const value = this.take(name);
    const word = words.find((one) => one === value);
    if (word === undefined) throw this.wrong(name, words.join(' or '));
    return word;
  }

  listOf<T extends string>(name: string, words: readonly T[]): T[] {
    const value = this.take(name);
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value.map((item) => {
      const word = words.find((one) => one === item);
      if (word === undefined) throw this.wrong(name, `a list of ${words.join(' or ')}`);
      return word;
    });
  }

  bytes(name: string): Buffer {
    const value = this.take(name);
    if (typeof value !== 'string') throw this.wrong(name, 'base64');
    const bytes = Buffer.from(value, 'base64');
    if (bytes.toString('base64') !== value) throw this.wrong(name, 'base64');
    return bytes;
  }

  byteString(name: string): Bytes {
    return bytesOf(this.bytes(name));
  }

  /** Returns a whole number that is not below `least`. */
  count(name: string, least = 0): number {
    const value = this.take(name);
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw this.wrong(name, `a whole number from ${least} to 2^53`);
    }
    return value as number;
  }

  /** Returns a time in ms since 1970. */
  time(name: string): number {
    const value = this.take(name);
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw this.wrong(name, 'a time');
    return value;
  }

  /** Returns a 64-bit integer. JSON.parse rounds large ones, so its digits are read in the line. */
  int64(name: string): bigint {
    const value = this.take(name);
    if (!Number.isInteger(value)) throw this.wrong(name, 'a 64-bit integer');
    if (Number.isSafeInteger(value)) return BigInt(value as number);
    const digits = new RegExp(`"${name}"\\s*:\\s*(-?\\d{1,20})[\\s,}]`).exec(this.line)?.[1];
    if (digits === undefined || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits)) {
      throw this.wrong(name, 'a 64-bit integer');
    }
    return BigInt(digits);
  }

  flag(name: string): boolean {
    const value = this.take(name);
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  revision(name: string): { main: number; sub: number } {
    const value = this.take(name) as Readonly<Record<string, unknown>> | undefined;
    const { main, sub, ...more } = Object(value);
    const whole = [main, sub].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (!whole || Object.keys(more).length > 0) throw this.wrong(name, 'a revision of main and sub');
    return { main, sub };
  }

  /** Reads a field that may be missing. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read.call(this, name) : undefined;
  }

  /** Lets a field be there, whatever it is. */
  ignore(name: string): void {
    this.asked.add(name);
  }

  /** Throws CORRUPT if there is a field that nobody asked for. */
  end(): void {
    for (const name in this.values) if (!this.asked.has(name)) throw badLine(`field ${quoteText(name)} is not known`);
  }
}

function parsed(line: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(line));
  } catch {
    throw badLine(line.trim() === '' ? 'it is empty' : 'no JSON');
  }
}
