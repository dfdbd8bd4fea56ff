// Tells values to people and to programs: as they are, in hexadecimal, or decoded. Every command that shows values asks
// a teller, so that a Secret is hidden in all of them.

import { utf8 } from '../../bytes/byte-string.js';
import type { FieldChange } from '../../kube/changes.js';

export interface ValueTeller {
  /**
   * Returns a value as one line without its newline, safe on any terminal. Of a value that is shown as it is and has more
   * than `maxBytes`, the line has the beginning and the size.
   */
  line(key: string, value: Buffer, maxBytes?: number): string;
  /** Returns the fields of a decoded value, each as one safe line `path: text`; none if the line says all. */
  fields(key: string, value: Buffer): readonly string[];
  /** Returns what a value is of which neither text nor fields can be shown, as one that is encrypted; '' if it is only bytes. */
  sort(key: string, value: Buffer): string;
  /**
   * Returns the fields that differ between two values of a key, those of Secrets without what is secret; undefined where
   * values are not decoded, or have no fields. A value that is not there is undefined: each field of the other one differs.
   */
  changes(key: string, before: Buffer | undefined, after: Buffer | undefined): readonly FieldChange[] | undefined;
  /**
   * Returns what JSON has of a value, to be put in place of `value`: what was decoded stands beside the bytes, or in their
   * place if some of it is hidden.
   */
  json(key: string, value: Buffer): { readonly value?: Buffer; readonly decoded?: object };
}

/** Returns a value in as many lines as it takes, as a byte string without the last newline. */
export function valueText(teller: ValueTeller, key: string, value: Buffer): string {
  return utf8([teller.line(key, value), ...teller.fields(key, value).map((field) => `  ${field}`)].join('\n'));
}
