// Writes a scenario as YAML as a person would: what fits on a line stands on one line.

import { Document, isCollection, isMap, isPair, isSeq, type Node, visit } from 'yaml';
import { escapePoint, holdsUnsafe, UNSAFE_IN_LINES } from '../../bytes/unsafe-characters.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type { ScenarioText } from './scenario-text.js';

const COLUMNS = 100;
const STYLE = { lineWidth: 0, flowCollectionPadding: false } as const;

/** Returns the same scenario with its fields in the order of the schema. */
export function inSchemaOrder(text: ScenarioText): ScenarioText {
  const names = Object.keys(SCENARIO_SCHEMA.properties) as (keyof ScenarioText)[];
  const fields = names.map((name) => [name, text[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as ScenarioText;
}

/** Returns the scenario as YAML, with escapes for all that steers a terminal. */
export function formatScenario(text: ScenarioText): string {
  const document = new Document(inSchemaOrder(text));
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && holdsUnsafe(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const root = document.contents;
  if (isMap(root)) {
    for (const pair of root.items) if (pair.value !== null) layOut(pair.value as Node, 0);
  }
  return document.toString(STYLE).replace(UNSAFE_IN_LINES, escapePoint);
}

/** Puts what fits on a line on one line, except for a list of several maps, which gets a line for each. */
function layOut(node: Node, indent: number): void {
  if (!isCollection(node)) return;
  const severalMaps = isSeq(node) && node.items.length > 1 && node.items.every(isMap);
  const written = isMap(node) && node.has('commits');
  if (!severalMaps && !written && indent + oneLine(node).length <= COLUMNS) {
    node.flow = true;
    return;
  }
  for (const item of node.items) layOut((isPair(item) ? item.value : item) as Node, indent + 2);
}

function oneLine(node: Node): string {
  const document = new Document(node.toJSON(), {});
  if (isCollection(document.contents)) document.contents.flow = true;
  return document.toString(STYLE).trimEnd();
}
