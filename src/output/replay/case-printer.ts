// Prints the list of the known cases, and the story of one.

import { utf8 } from '../../bytes/byte-string.js';
import { fixedIn, type KnownCase } from '../../replay/releases/known-cases.js';
import type { ScenarioText } from '../../replay/scenario/scenario-text.js';
import { toJson } from '../formats/json.js';
import { drawTable } from '../formats/table.js';
import { fill } from '../terminal/fill.js';
import type { Style } from '../terminal/style.js';
import { widestOf } from '../terminal/width.js';

type ListPrinter = (cases: readonly KnownCase[], style: Style) => string;

const issueText = ({ issue }: KnownCase): string => (issue === undefined ? '' : `#${issue}`);
const fixedText = (known: KnownCase): string => fixedIn(known).join(', ') || 'in no release';

function caseJson(known: KnownCase): object {
  const { name, issue, title } = known;
  return { name, issue, title, fixedIn: fixedIn(known) };
}

export const CASE_LIST_PRINTERS: Readonly<Record<string, ListPrinter>> = {
  simple(cases, { columns }) {
    const nameColumns = widestOf(cases.map(({ name }) => name));
    const lines = cases.map((known) => {
      const head = `${known.name.padEnd(nameColumns)}  ${issueText(known).padEnd(6)}  `;
      return `${fill(head + known.title, columns, head.length)}\n`;
    });
    return utf8(lines.join(''));
  },
  json: (cases) =>
    utf8(`${toJson(cases.map(caseJson))}
`),
  table: (cases, { columns }) =>
    drawTable(
      ['name', 'issue', 'title', 'fixed'],
      cases.map((known) => [{ whole: known.name }, issueText(known), known.title, { whole: fixedText(known) }]),
      { columns },
    ),
};

/** Print a case's scenario for a file that a replay reads: as it is written, or as JSON, which is YAML too. */
export const CASE_SCENARIO_PRINTERS: Readonly<Record<string, (scenario: ScenarioText, yaml: string) => string>> = {
  simple: (_scenario, yaml) => utf8(yaml),
  json: (scenario) => utf8(`${toJson(scenario)}\n`),
};

const MAX_COLUMNS = 96;

/** Returns the text above the replay of a case. */
export function caseStory(known: KnownCase, release: string, { columns = MAX_COLUMNS }: Style): string {
  const width = Math.min(columns, MAX_COLUMNS);
  const title = `${known.title[0]!.toUpperCase()}${known.title.slice(1)}`;
  const issue = known.issue === undefined ? '' : ` (etcd issue ${known.issue})`;
  const fixed = `Fixed: ${fixedText(known)}. Here as in etcd ${release}:`;
  return utf8([title + issue, known.story, fixed].map((text) => `${fill(text, width)}\n\n`).join(''));
}

/** Returns the text below the replay of a case. */
export function caseVerdict(held: boolean, release: string): string {
  return `\n${held ? 'Every guarantee holds' : 'A guarantee is broken'} in etcd ${release}.\n`;
}
