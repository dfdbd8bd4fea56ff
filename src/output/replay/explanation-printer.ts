// Prints the life of an event.

import { base64, utf8 } from '../../bytes/byte-string.js';
import type { ExplainedEvent } from '../../replay/findings/explain.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import type { EventName } from '../../replay/run/event-name.js';
import { fill } from '../terminal/fill.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText } from '../terminal/text.js';
import { explanationText } from './explanation-text.js';
import { jsonLine } from './json-line.js';

type Printer = (event: EventName, explained: ExplainedEvent, release: EtcdRelease, style: Style) => string;

export const EXPLANATION_PRINTERS: Readonly<Record<string, Printer>> = {
  simple(event, { watcher, parts }, { version }, { columns }) {
    const head = `${escapeBytes(event.key)} at revision ${event.revision}, for ${escapeText(watcher)}, as etcd ${version}:\n`;
    return utf8(head + parts.map((part) => `${fill(`  ${explanationText(part, event)}`, columns, 4)}\n`).join(''));
  },
  json(event, { watcher, parts }, { version }) {
    const says = parts.map((part) => ({ says: part.says, text: explanationText(part, event) }));
    return jsonLine({
      kind: 'explanation',
      etcd: version,
      key: base64(event.key),
      revision: event.revision,
      watcher,
      says,
    });
  },
};
