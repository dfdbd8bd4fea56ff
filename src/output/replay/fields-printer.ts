// A replay in etcdctl's format "fields".

import { utf8 } from '../../mvcc/byte-string.js';
import { eventFields } from '../fields.js';
import { quoteGo } from '../quote.js';
import { traceText } from '../trace-text.js';
import type { ReplayPrinter } from './replay-printer.js';

export function fieldsPrinter(): ReplayPrinter {
  return {
    begin: () => '',
    response({ timeUs, watcher, stream, via, revision, compactRevision, events }) {
      const head = [
        `"TimeUs" : ${timeUs}`,
        `"Watcher" : ${quoteGo(utf8(watcher))}`,
        `"Stream" : ${quoteGo(utf8(stream))}`,
        `"Via" : "${via}"`,
        `"Revision" : ${revision}`,
        ...(compactRevision > 0 ? [`"CompactRevision" : ${compactRevision}`, '"Canceled" : true'] : []),
      ];
      return `${[...head, ...events.flatMap(eventFields)].join('\n')}\n\n`;
    },
    other: (entry) => utf8(`"Trace" : ${JSON.stringify(traceText(entry))}\n\n`),
    end: () => '',
  };
}
