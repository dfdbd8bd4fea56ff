// Tells values to people and to programs: as they are, in hexadecimal, or decoded. Every command that shows values asks
// for a teller, so that a Secret is hidden in all of them.

import { escapeBytes, hexBytes } from '../terminal/text.js';

export const DECODE_MODES = ['auto', 'raw', 'hex'] as const;
export type DecodeMode = (typeof DECODE_MODES)[number];

export interface ValueOptions {
  readonly decode: DecodeMode;
  readonly showSecrets?: boolean | undefined;
}

export interface ValueTeller {
  /**
   * Returns a value as one line without its newline, safe on any terminal. Of a value that is shown as it is and has more
   * than `maxBytes`, the line has the beginning and the size.
   */
  line(key: string, value: Buffer, maxBytes?: number): string;
  /** Returns the fields of a decoded value, each as one safe line `path: text`; none if the line says all. */
  fields(key: string, value: Buffer): readonly string[];
  /**
   * Returns what JSON has of a value, to be put in place of `value`: what was decoded stands beside the bytes, or in their
   * place if some of it is hidden.
   */
  json(key: string, value: Buffer): { readonly value?: Buffer; readonly decoded?: object };
}

/** Returns the beginning of bytes as `show` writes it, and their size if that is not all. */
export function cutBytes(value: Buffer, maxBytes: number, show: (latin1: string) => string): string {
  if (value.length <= maxBytes) return show(value.toString('latin1'));
  return `${show(value.toString('latin1', 0, maxBytes))}… (${value.length} bytes)`;
}

const plainTeller = (show: (latin1: string) => string): ValueTeller => ({
  line: (_, value, maxBytes = value.length) => cutBytes(value, maxBytes, show),
  fields: () => [],
  json: (_, value) => ({ value }),
});

/** Returns the teller. What decodes is loaded only if it is asked for. */
export async function valueTeller({ decode, showSecrets }: ValueOptions): Promise<ValueTeller> {
  if (decode === 'raw') return plainTeller(escapeBytes);
  if (decode === 'hex') return plainTeller(hexBytes);
  return (await import('./decoding-teller.js')).decodingTeller({ showSecrets });
}
