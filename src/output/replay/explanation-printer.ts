// Prints the life of an event.

import { spanText } from '../../adt/span-text.js';
import { base64, utf8 } from '../../bytes/byte-string.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import type { ExplainedEvent } from '../../replay/findings/explain.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import type { EventName } from '../../replay/run/event-name.js';
import type { CommitClock } from '../../replay/run/replay-options.js';
import { revisionFacts, revisionJson } from '../origin.js';
import { fill } from '../terminal/fill.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText } from '../terminal/text.js';
import { type CommitFacts, explanationText } from './explanation-text.js';
import { jsonLine } from './json-line.js';
import { timeTextOf } from './time-text.js';

/** How an explanation is printed. */
interface ExplanationStyle extends Style {
  /** The clock by which times are written; undefined if they are virtual. */
  readonly clock?: CommitClock | undefined;
  /** Tells where the revision comes from; undefined if that is not known. */
  readonly provenance?: Provenance | undefined;
}

type Printer = (event: EventName, explained: ExplainedEvent, release: EtcdRelease, style: ExplanationStyle) => string;

function factsOf(
  { revision }: EventName,
  { clock, provenance }: Pick<ExplanationStyle, 'clock' | 'provenance'>,
): CommitFacts {
  const boundUs = clock?.boundUs(revision);
  const exactness = boundUs === undefined ? ', which nothing bounds' : ` ± ${spanText(boundUs)}`;
  return { exactness: clock === undefined ? '' : exactness, origin: revisionFacts(revision, provenance) };
}

export const EXPLANATION_PRINTERS: Readonly<Record<string, Printer>> = {
  simple(event, { watcher, parts }, { version }, { columns, clock, provenance }) {
    const at = timeTextOf(clock);
    const facts = factsOf(event, { clock, provenance });
    const told = parts.map((part) => fill(`  ${explanationText(part, event, at, facts)}`, columns, 4));
    const head = `${escapeBytes(event.key)} at revision ${event.revision}, for ${escapeText(watcher)}, as etcd ${version}:\n`;
    return utf8(head + told.map((sentence) => `${sentence}\n`).join(''));
  },
  json(event, { watcher, parts }, { version }, { clock, provenance }) {
    const at = timeTextOf(clock);
    const facts = factsOf(event, { clock, provenance });
    const says = parts.map((part) => ({ says: part.says, text: explanationText(part, event, at, facts) }));
    return jsonLine({
      kind: 'explanation',
      etcd: version,
      key: base64(event.key),
      revision: event.revision,
      watcher,
      ...revisionJson(event.revision, provenance),
      says,
    });
  },
};
