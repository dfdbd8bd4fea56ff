// Events by name, KEY@REV, as --explain takes them.

import { escapeBytes } from '../terminal/text.js';

/** The key escaped, as --explain reads it. */
export function eventNameText(key: string, revision: number): string {
  return `${escapeBytes(key)}@${revision}`;
}
