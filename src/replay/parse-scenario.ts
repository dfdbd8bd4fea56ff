// Reads scenario files: YAML, checked against the schema. An error names the line, the field and what is allowed.

import { Ajv, type ErrorObject } from 'ajv';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { MvccwError } from '../errors.js';
import { type Scenario, scenarioOf } from './scenario.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';
import type { ScenarioText } from './scenario-text.js';

const validate = new Ajv({ allErrors: true, verbose: true }).compile(SCENARIO_SCHEMA);

/** The line of what stands at a path, or of the nearest thing above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function allowed({ keyword, params, parentSchema, message }: ErrorObject): string {
  const schema = parentSchema as { description?: string; properties?: object } | undefined;
  if (keyword === 'additionalProperties') return `allowed are ${Object.keys(schema?.properties ?? {}).join(', ')}`;
  if (keyword === 'enum') return `allowed are ${(params.allowedValues as unknown[]).join(', ')}`;
  return schema?.description ?? message ?? '';
}

function schemaError(document: Document, lines: LineCounter, name: string): MvccwError {
  // The deepest error says most: those above it follow from it.
  const errors = [...(validate.errors ?? [])].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const error = errors.find(({ keyword }) => keyword === 'additionalProperties') ?? errors[0]!;
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const extra = error.params.additionalProperty as string | undefined;
  const field = [...path, ...(extra === undefined ? [] : [extra])];
  const where = `${name}:${lineOf(document, lines, field)}`;
  const what = extra === undefined ? error.message : 'is not known';
  return new MvccwError('USAGE', `${where}: ${field.join('.') || 'the scenario'} ${what}`, { hint: allowed(error) });
}

/** Whether the schema allows it. */
export function isScenarioText(text: unknown): text is ScenarioText {
  return validate(text);
}

function parseText(yaml: string, name: string): ScenarioText {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem !== undefined) {
    throw new MvccwError('USAGE', `${name}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`, {
      hint: 'the file must be YAML',
    });
  }
  const text: unknown = document.toJS();
  if (!isScenarioText(text)) throw schemaError(document, lines, name);
  return text;
}

/** Reads a scenario; `name` stands in messages, `locate` says where its database is. Throws USAGE. */
export function parseScenario(yaml: string, name: string, locate = (path: string): string => path): Scenario {
  const text = parseText(yaml, name);
  const { database } = text.history;
  try {
    return scenarioOf(database === undefined ? text : { ...text, history: { database: locate(database) } });
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    throw new MvccwError(error.code, `${name}: ${error.message}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
