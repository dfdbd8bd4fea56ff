// Reads YAML and checks it against a schema. An error names its place, the field, and what is allowed.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Alias, type Document, isNode, LineCounter, visit } from 'yaml';
import { MvccwError } from '../../errors.js';
import { parseBoundedYaml, YamlProblem } from './bounded-yaml.js';
import { FieldError } from './field-error.js';

export class CheckedYaml<T> {
  private readonly validate: ValidateFunction;

  /** `what` names what the schema describes, for messages: `the scenario`. */
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
    return this.read(yaml, where, (value) => value);
  }

  /** Returns what `make` makes of the value. An error of `make` that is about a field gets the line and the field. */
  read<Made>(yaml: string, where: (line: number) => string, make: (value: T) => Made): Made {
    const lines = new LineCounter();
    const document = this.documentOf(yaml, lines, where);
    const value = plainValue(document, (node) => where(node?.range ? lines.linePos(node.range[0]).line : 1));
    if (this.allows(value)) {
      try {
        return make(value);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        const path = error.path.map(String);
        throw error.under(`${where(lineOf(document, lines, path))}: ${path.join('.')}`);
      }
    }
    const errors = (this.validate.errors ?? []).slice(0, MAX_ERRORS);
    const error = mostTelling(errors);
    const field = pathOf(error);
    const at = where(lineOf(document, lines, field));
    throw new MvccwError('USAGE', `${at}: ${field.join('.') || this.what} ${wrong(error)}`, {
      hint: allowed(error, errors),
    });
  }

  private documentOf(yaml: string, lines: LineCounter, where: (line: number) => string): Document {
    try {
      return parseBoundedYaml(yaml, lines);
    } catch (error) {
      if (!(error instanceof YamlProblem)) throw error;
      throw new MvccwError('USAGE', `${where(lines.linePos(error.offset).line)}: ${error.message}`, {
        hint: error.hint ?? `${this.what} must be YAML`,
      });
    }
  }
}

/** The number of errors among which the most telling one is looked for. A long list may have one for each item. */
const MAX_ERRORS = 1000;

const unknown = ({ keyword }: ErrorObject): boolean => keyword === 'additionalProperties';

/** The words for errors of which ajv's own words say little. The hint says what is allowed. */
const WRONG: Readonly<Record<string, string>> = {
  additionalProperties: 'is not known',
  minProperties: 'has too few fields',
  maxProperties: 'has too many fields',
  minLength: 'is empty',
  not: 'has no place here',
};

function wrong({ keyword, message, parentSchema }: ErrorObject): string {
  // The hint holds the description of the pattern.
  const ofPattern = (parentSchema as { pattern?: string } | undefined)?.pattern !== undefined;
  return WRONG[keyword] ?? (ofPattern ? 'is not written as it must be' : (message ?? 'is wrong'));
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
        ? 'its aliases expand to too much'
        : `the alias *${lost.source} has no anchor &${lost.source} before it`;
    throw new MvccwError('USAGE', `${where(lost)}: ${message}`, {
      cause: error,
      hint: 'an alias *name repeats what &name marks',
    });
  }
}

/**
 * Returns the deepest error, as those above follow from it. A field that one of several forms knows does not count as
 * unknown.
 */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const depths = new Map(errors.map((error) => [error, pathOf(error).length]));
  const deepest = Math.max(...depths.values());
  const there = errors.filter((error) => depths.get(error) === deepest);
  return there.find((error) => !unknown(error) && isBelow(error, errors)) ?? there.find(unknown) ?? there[0]!;
}

/** Returns whether another form does not know the field of `error`. */
function isBelow(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const path = pathOf(error).join('/');
  return errors.some((other) => unknown(other) && pathOf(other).join('/') === path);
}

/** Returns the path of the field that is wrong. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const steps = instancePath.split('/').slice(1);
  const path = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return params.additionalProperty === undefined ? path : [...path, params.additionalProperty];
}

/** Returns the line of what stands at a path, or of the nearest part above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const fieldsOf = ({ parentSchema }: ErrorObject): string[] =>
  Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {});

/** Says what is allowed; for several forms, what any of them allows. */
function allowed(error: ErrorObject, errors: readonly ErrorObject[]): string | undefined {
  const { keyword, params, parentSchema } = error;
  const here = errors.filter(({ instancePath }) => instancePath === error.instancePath);
  if (unknown(error)) return `allowed are ${[...new Set(here.filter(unknown).flatMap(fieldsOf))].join(', ')}`;
  if (keyword !== 'enum') {
    const { description } = (parentSchema ?? {}) as { description?: string };
    return description ?? (keyword === 'required' ? `allowed are ${fieldsOf(error).join(', ')}` : undefined);
  }
  const objects = here.filter((other) => other.keyword === 'type' && fieldsOf(other).length > 0);
  const forms = objects.map((other) => `{${fieldsOf(other).join(', ')}}`);
  return `allowed are ${[...(params.allowedValues as unknown[]), ...forms].join(', ')}`;
}
