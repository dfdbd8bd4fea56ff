// YAML checked against a schema. An error names where it is, the field, and what is allowed.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Alias, type Document, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { MvccwError } from '../errors.js';

export class CheckedYaml<T> {
  private readonly validate: ValidateFunction;

  /** `what` it is that the schema describes: `the scenario`. */
  constructor(
    schema: object,
    private readonly what: string,
  ) {
    this.validate = new Ajv({ allErrors: true, verbose: true }).compile(schema);
  }

  allows(value: unknown): value is T {
    return this.validate(value);
  }

  /** `where` gives the name of a line for messages. Throws USAGE. */
  parse(yaml: string, where: (line: number) => string): T {
    const lines = new LineCounter();
    const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
    const problem = document.errors[0];
    if (problem !== undefined) {
      throw new MvccwError('USAGE', `${where(lines.linePos(problem.pos[0]).line)}: ${problem.message}`, {
        hint: `${this.what} must be YAML`,
      });
    }
    const value = plainValue(document, (node) => where(node?.range ? lines.linePos(node.range[0]).line : 1));
    if (this.allows(value)) return value;
    const error = mostTelling(this.validate.errors ?? []);
    const extra = error.params.additionalProperty as string | undefined;
    const field = [...pathOf(error), ...(extra === undefined ? [] : [extra])];
    const what = extra === undefined ? error.message : 'is not known';
    throw new MvccwError('USAGE', `${where(lineOf(document, lines, field))}: ${field.join('.') || this.what} ${what}`, {
      hint: allowed(error),
    });
  }
}

/** Throws USAGE for aliases that stand for nothing, or for too much. */
function plainValue(document: Document, where: (alias?: Alias) => string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    let lost: Alias | undefined;
    visit(document, {
      Alias(_, alias) {
        if (alias.resolve(document) === undefined) lost ??= alias;
      },
    });
    const message =
      lost === undefined
        ? 'its aliases stand for too much'
        : `*${lost.source} stands for nothing that is anchored before`;
    throw new MvccwError('USAGE', `${where(lost)}: ${message}`, {
      cause: error,
      hint: 'an alias *name repeats what &name marks',
    });
  }
}

/** The deepest error says most: those above it follow from it. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const deepest = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
  return deepest.find(({ keyword }) => keyword === 'additionalProperties') ?? deepest[0]!;
}

function pathOf({ instancePath }: ErrorObject): string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

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

/** Puts a name before the message of what `body` throws. */
export function naming<T>(name: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    throw new MvccwError(error.code, `${name}: ${error.message}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
