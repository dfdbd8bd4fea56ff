// Prints what the check of a log has found, each finding and remark when it comes.

import { utf8 } from '../../bytes/byte-string.js';
import type { Proposers } from '../../inspect/blame/proposers.js';
import { type AuditStep, LOG_FINDING_KINDS, type NamedEntry } from '../../inspect/wal/check/log-finding.js';
import type { AuditResult, Compared } from '../../storage/audited-log.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { processText, proposerJson } from '../origin.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';

interface WalCheckPrinter {
  step(step: AuditStep, proposers: Proposers): string;
  end(result: AuditResult): string;
}

type MakePrinter = (style: Style) => WalCheckPrinter;

const LABEL_COLUMNS = 13;

const simple: MakePrinter = ({ colour }) => ({
  step(step, proposers) {
    const { entry } = 'finding' in step ? step.finding : step.remark;
    const who = entry === undefined ? '' : `${' '.repeat(LABEL_COLUMNS)}${entryText(entry, proposers)}\n`;
    if ('remark' in step) {
      const { about, text } = step.remark;
      return utf8(`${about.padEnd(LABEL_COLUMNS)}${escapeText(text)}\n${who}`);
    }
    const { kind, problem } = step.finding;
    const means = `${' '.repeat(LABEL_COLUMNS)}${LOG_FINDING_KINDS[kind].means}\n`;
    return utf8(`${colour.bold(kind.padEnd(LABEL_COLUMNS))}${escapeText(problem)}\n${who}${means}`);
  },
  end({ path, findings, compared }) {
    const name = escapeText(path);
    return utf8(
      `${findings === 0 ? `${name} is sound, ${COMPARED_TEXT[compared]}` : `${name} has ${plural(findings, 'finding')}`}\n`,
    );
  },
});

const COMPARED_TEXT: Readonly<Record<Compared, string>> = {
  all: 'and the database is what it gives',
  part: 'and the database is what it gives as far as it could be compared',
  none: 'and no database was compared with it',
};

/** Returns an entry as `index 1301 of term 5: txn by alice through m1, up since …`. */
function entryText({ index, term, request, user, requestId }: NamedEntry, proposers: Proposers): string {
  const by = user === '' ? '' : ` by ${escapeText(user)}`;
  const through = requestId === 0n ? '' : ` through ${processText(proposers.of(requestId))}`;
  return `index ${index} of term ${term}: ${request}${by}${through}`;
}

function entryJson(entry: NamedEntry | undefined, proposers: Proposers): object | undefined {
  if (entry === undefined) return undefined;
  const { index, term, request, user, requestId } = entry;
  const who = requestId === 0n ? {} : { requestId, ...proposerJson(proposers.of(requestId)) };
  return { index, term, request, user: user || undefined, ...who };
}

const json: MakePrinter = () => ({
  step(step, proposers) {
    if ('remark' in step) {
      const { entry, ...remark } = step.remark;
      return inspectionLine('wal-remark', { ...remark, entry: entryJson(entry, proposers) });
    }
    const { kind, problem, key, entry, ...place } = step.finding;
    return inspectionLine('wal-finding', {
      finding: kind,
      problem,
      means: LOG_FINDING_KINDS[kind].means,
      ...place,
      key: key === undefined ? undefined : Buffer.from(key, 'latin1'),
      entry: entryJson(entry, proposers),
    });
  },
  end: ({ path, findings, damages, compared }) =>
    inspectionLine('wal-check', { path, sound: findings === 0, findings, damages, compared }),
});

export const WAL_CHECK_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json };
