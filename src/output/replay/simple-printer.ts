// Prints a replay for people: each response with its events, and at the end a line or two for each watcher.

import { utf8 } from '../../bytes/byte-string.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeliveredEvent } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import { whyPrevKvIsMissing } from '../formats/missing-prev-kv.js';
import { revisionFacts } from '../origin.js';
import { plural } from '../terminal/plural.js';
import { escapeBytes, escapeText } from '../terminal/text.js';
import type { Detail, ReplayPrinter, ReplayStyle } from './replay-printer.js';
import { revisionsOf, summaryLines } from './summary-text.js';
import { timeTextOf } from './time-text.js';
import { traceText } from './trace-text.js';

/** The most bytes of a value that a line shows. */
const MAX_VALUE_BYTES = 80;

const describeKv = (kv: KeyValue): string => `version ${kv.version}, ${plural(kv.value.length, 'byte')}`;

export function simplePrinter({ options: { release } }: ReplayPlan, style: ReplayStyle, detail: Detail): ReplayPrinter {
  const { colour, decoding } = style;
  const at = timeTextOf(style.clock);
  /** Where revisions come from is told with all else that happens. */
  const provenance = detail === 'trace' ? style.provenance : undefined;

  function eventLine({ type, kv, prevKv, missingPrevKv }: DeliveredEvent, revisionDigits: number): string {
    const word = type === 'PUT' ? colour.green('PUT   ') : colour.red('DELETE');
    const details = [
      ...(type === 'PUT' ? [describeKv(kv)] : []),
      ...(prevKv === undefined ? [] : [`before: revision ${prevKv.modRevision}, ${describeKv(prevKv)}`]),
      ...(missingPrevKv === undefined ? [] : [`before: missing, ${whyPrevKvIsMissing(missingPrevKv)}`]),
    ];
    details.push(...revisionFacts(kv.modRevision, provenance));
    if (decoding !== undefined && kv.value.length > 0) details.push(decoding.line(kv.key, kv.value, MAX_VALUE_BYTES));
    const key = utf8(escapeBytes(kv.key));
    const tail = details.length === 0 ? '' : utf8(colour.dim(`  (${details.join('; ')})`));
    return `  ${utf8(word)} ${String(kv.modRevision).padStart(revisionDigits)}  ${key}${tail}\n`;
  }

  let responses = 0;
  return {
    begin: () => '',
    *response({ timeUs, watcher, stream, via, revision, compactRevision, events, messages }) {
      responses++;
      const name = utf8(colour.bold(escapeText(watcher)));
      const shared = stream === watcher ? '' : ` on ${utf8(escapeText(stream))}`;
      const head = `${at(timeUs)}  ${name}${shared}  `;
      if (via === 'cancel') {
        yield `${head}${utf8(colour.red('cancel'))}  its next revision is compacted: the window begins at ${compactRevision}\n`;
        return;
      }
      if (events.length === 0) {
        yield `${head}${via}  the store at ${revision}\n`;
        return;
      }
      const last = events[events.length - 1]!.kv.modRevision;
      const revisionWord = events[0]!.kv.modRevision === last ? 'revision' : 'revisions';
      const cut = messages > 1 ? `, in ${messages} messages` : '';
      yield `${head}${via}  ${plural(events.length, 'event')} of ${revisionWord} ${revisionsOf(events)}, the store at ${revision}${cut}\n`;
      for (const event of events) yield eventLine(event, String(last).length);
    },
    other(entry) {
      const facts = entry.kind === 'commit' ? revisionFacts(entry.revision, provenance) : [];
      return utf8(`${colour.dim([traceText(entry, at), ...facts].join('; '))}\n`);
    },
    end: (report) => `${responses > 0 ? '\n' : ''}${summaryLines(report, release, style)}`,
  };
}
