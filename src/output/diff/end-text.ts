// Says in sentences what a difference comes to.

import type { Provenance } from '../../inspect/blame/provenance.js';
import type { Diff, HistoryDiff, SideWindow } from '../../inspect/diff/diff.js';
import type { WatchEvent } from '../../mvcc/record.js';
import { revisionFacts } from '../origin.js';
import { plural } from '../terminal/plural.js';
import { escapeBytes, escapeText } from '../terminal/text.js';

type Paths = readonly [string, string];
/** What is known of where the revisions of each side come from. */
export type Provenances = readonly (Provenance | undefined)[];

/** Returns the last lines of a difference, for people. */
export function endText(diff: Diff, given: Paths, provenances: Provenances): string {
  const paths = namesOf(given);
  const { history } = diff;
  const lines =
    history === undefined
      ? []
      : history === 'apart'
        ? [apartText(diff, paths)]
        : histories(diff, history, paths, provenances);
  return [...lines, countsText(diff)].map((line) => `${line}\n`).join('');
}

/** Two sides of one name are called the first and the second. */
function namesOf([a, b]: Paths): Paths {
  return a === b ? ['the first', 'the second'] : [escapeText(a), escapeText(b)];
}

function countsText({ counts }: Diff): string {
  const { added, removed, changed, same } = counts;
  if (added + removed + changed === 0) return `keys: ${same}, and none differs`;
  return `keys: ${added} added, ${removed} removed, ${changed} changed, ${same} the same`;
}

function apartText({ sides }: Diff, paths: Paths): string {
  const [ahead, behind] = sides[0].compactRev > sides[1].rev ? [0, 1] : [1, 0];
  return (
    `histories: they cannot be compared: ${paths[ahead!]} was compacted at ${sides[ahead!]!.compactRev}, ` +
    `and ${paths[behind!]} is read at revision ${sides[behind!]!.rev}`
  );
}

function histories(diff: Diff, history: HistoryDiff, paths: Paths, provenances: Provenances): string[] {
  const { commonRev, compactRev, hashes, parting } = history;
  const [a, b] = diff.sides;
  const hash =
    hashes[0] === hashes[1] ? `${hashes[0]} of both` : `${hashes[0]} of ${paths[0]}, ${hashes[1]} of ${paths[1]}`;
  const at = `hashKV at ${commonRev}${compactRev < 0 ? '' : `, compact revision ${compactRev}`}: ${hash}`;
  const lines = parting === undefined ? [sameText(diff, commonRev, paths)] : partingLines(history, paths, provenances);
  return [...lines, `${at}${compactionText(a, b, paths)}`];
}

function sameText({ sides }: Diff, commonRev: number, paths: Paths): string {
  const [a, b] = sides;
  const text = `histories: the same up to revision ${commonRev}`;
  const areNewest = a.rev === a.currentRev && b.rev === b.currentRev;
  if (a.rev === b.rev || !areNewest) return text;
  const [behind, ahead] = a.rev < b.rev ? [0, 1] : [1, 0];
  const revisions = plural(Math.abs(a.rev - b.rev), 'revision');
  return `${text}; ${paths[behind!]} is ${revisions} behind ${paths[ahead!]}`;
}

function partingLines({ parting, compactRev }: HistoryDiff, paths: Paths, provenances: Provenances): string[] {
  const { revision, events } = parting!;
  const { main, sub } = revision;
  const place = sub === 0 ? `revision ${main}` : `revision ${main}, change ${sub + 1} of it`;
  const below = main <= compactRev ? ', in what the compaction has kept' : '';
  return [
    `histories: they part at ${place}${below}`,
    ...events.map((event, side) => {
      if (event === undefined) return `  ${paths[side]}: nothing`;
      const facts = revisionFacts(event.kv.modRevision, provenances[side]);
      return `  ${paths[side]}: ${[eventText(event), ...facts].join('; ')}`;
    }),
  ];
}

function eventText({ type, kv }: WatchEvent): string {
  const key = escapeBytes(kv.key);
  return type === 'DELETE' ? `DELETE ${key}` : `PUT ${key}, version ${kv.version}, ${plural(kv.value.length, 'byte')}`;
}

/** Says that a hash is not the one which the side itself gives. */
function compactionText(a: SideWindow, b: SideWindow, paths: Paths): string {
  if (a.compactRev === b.compactRev) return '';
  const side = a.compactRev < b.compactRev ? 0 : 1;
  const own = [a, b][side]!.compactRev;
  return ` (${paths[side]} is ${own < 0 ? 'not compacted' : `compacted at ${own}`}: it is hashed as if it were compacted there too)`;
}
