// Prints what a salvage finds, each thing when it comes, and what it comes to in the end.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import { isLost, LOSS_KINDS, type Loss } from '../inspect/salvage/loss.js';
import type { SalvageResult } from '../storage/salvage-file.js';
import { toJson } from './formats/json.js';
import { SALVAGE_SCHEMA_VERSION } from './salvage-schema.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

interface SalvagePrinter {
  loss(loss: Loss): string;
  end(database: string, result: SalvageResult): string;
}

const LABEL_COLUMNS = 10;

const simple = ({ colour }: Style): SalvagePrinter => ({
  loss: ({ kind, problem }) => utf8(`${colour.bold(kind.padEnd(LABEL_COLUMNS))}${escapeText(problem)}\n`),
  end: (database, result) => utf8(`${endText(database, result)}\n`),
});

function endText(database: string, result: SalvageResult): string {
  const { path, complete, intact, records, leases, currentRev, compactRev, digest, doubts } = result;
  const window = `revisions ${Math.max(compactRev, 1)} to ${currentRev}`;
  const counts = `${plural(records, 'record')}, ${plural(leases, 'lease')}, ${window}`;
  const lines = [
    `salvaged ${escapeText(path)} into ${escapeText(database)}: ${counts}; ${plural(intact, 'intact record')} found`,
    complete ? 'nothing is lost' : 'something is lost, or may be',
    ...doubts.map((doubt) => `whoever reads the database is told: ${doubt}`),
  ];
  if (digest === 'absent') lines.push('the file has no digest: a value whose bytes have changed looks intact');
  return lines.join('\n');
}

const line = (object: object): string => utf8(`${toJson({ schema: SALVAGE_SCHEMA_VERSION, ...object })}\n`);

const json = (): SalvagePrinter => ({
  loss: (loss) => {
    const { kind, problem, harmless: _, key, ...place } = loss;
    return line({
      kind: 'loss',
      loss: kind,
      problem,
      means: LOSS_KINDS[kind],
      lost: isLost(loss),
      ...place,
      key: key === undefined ? undefined : Buffer.from(key, 'latin1'),
    });
  },
  end: (database, { path, ...result }) => line({ kind: 'salvage', path, database, ...result }),
});

const quoted = (text: string): string => quoteGo(utf8(text));

const fields = (): SalvagePrinter => ({
  loss: ({ kind, problem }) => `"Loss" : ${quoted(kind)}\n"Problem" : ${quoted(problem)}\n\n`,
  end: (database, { path, complete, intact, records, leases, currentRev, compactRev, digest, doubts }) =>
    [
      `"Path" : ${quoted(path)}`,
      `"Database" : ${quoted(database)}`,
      `"Complete" : ${complete}`,
      `"Intact" : ${intact}`,
      `"Records" : ${records}`,
      `"Leases" : ${leases}`,
      `"Revision" : ${currentRev}`,
      `"CompactRevision" : ${compactRev}`,
      `"Digest" : ${quoted(digest)}`,
      ...doubts.map((doubt) => `"Doubt" : ${quoted(doubt)}`),
      '',
    ].join('\n'),
});

export const SALVAGE_PRINTERS: Readonly<Record<string, (style: Style) => SalvagePrinter>> = { simple, json, fields };
