// Prints the known cases: what there is, and the story of one.

import type { KnownCase } from '../replay/known-cases.js';
import { toJson } from './json.js';
import type { Style } from './style.js';
import { drawTable } from './table.js';
import { utf8 } from './writer.js';

type ListPrinter = (cases: readonly KnownCase[]) => string;

const issueText = ({ issue }: KnownCase): string => (issue === undefined ? '' : `#${issue}`);
const fixedText = ({ fixedIn }: KnownCase): string => (fixedIn.length === 0 ? 'in no release' : fixedIn.join(', '));

export const CASE_LIST_PRINTERS: Readonly<Record<string, ListPrinter>> = {
  simple(cases) {
    const columns = Math.max(...cases.map(({ name }) => name.length));
    return utf8(
      cases.map((known) => `${known.name.padEnd(columns)}  ${issueText(known).padEnd(6)}  ${known.title}\n`).join(''),
    );
  },
  json: (cases) =>
    utf8(`${toJson(cases.map(({ name, issue, title, fixedIn }) => ({ name, issue, title, fixedIn })))}\n`),
  table: (cases) =>
    drawTable(
      ['name', 'etcd issue', 'what happens', 'fixed'],
      cases.map((known) => [known.name, issueText(known), known.title, fixedText(known)]),
    ),
};

const MAX_COLUMNS = 96;

/** Breaks text into lines at spaces. */
function wrap(text: string, columns: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]!;
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

/** What stands above the replay of a case. */
export function caseStory(known: KnownCase, release: string, { columns = MAX_COLUMNS }: Style): string {
  const issue = known.issue === undefined ? '' : ` (etcd issue ${known.issue})`;
  return utf8(
    `${known.title}${issue}\n\n${wrap(known.story, Math.min(columns, MAX_COLUMNS))}\n\nFixed: ${fixedText(known)}. Here as in etcd ${release}:\n\n`,
  );
}

/** What stands below it. */
export function caseVerdict(held: boolean, release: string): string {
  return `\n${held ? 'Every guarantee holds' : 'A guarantee is broken'} in etcd ${release}.\n`;
}
