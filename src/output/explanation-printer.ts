// Prints the life of an event.

import { base64, utf8 } from '../mvcc/byte-string.js';
import type { EventName } from '../replay/event-name.js';
import type { Explanation } from '../replay/explain.js';
import { explanationText } from './explanation-text.js';
import { fill } from './fill.js';
import { jsonLine } from './replay/json-line.js';
import type { Style } from './style.js';
import { escapeBytes, escapeText } from './text.js';

type Printer = (event: EventName, watcher: string, parts: readonly Explanation[], style: Style) => string;

export const EXPLANATION_PRINTERS: Readonly<Record<string, Printer>> = {
  simple(event, watcher, parts, { columns }) {
    const head = `${escapeBytes(event.key)} at revision ${event.revision}, for ${escapeText(watcher)}:\n`;
    return utf8(head + parts.map((part) => `${fill(`  ${explanationText(part, event)}`, columns, 4)}\n`).join(''));
  },
  json(event, watcher, parts) {
    const says = parts.map((part) => ({ says: part.says, text: explanationText(part, event) }));
    return jsonLine({ kind: 'explanation', key: base64(event.key), revision: event.revision, watcher, says });
  },
};
