// Names events in the form KEY@REV, which --explain takes.

import { escapeBytes } from '../terminal/text.js';

/** Returns the name; the key is escaped as --explain reads it. */
export function eventNameText(key: string, revision: number): string {
  return `${escapeBytes(key)}@${revision}`;
}
