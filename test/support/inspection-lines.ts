// This module holds lines that the inspection commands print against the schema that `mvccw schema inspect` prints.

import { Ajv, type ValidateFunction } from 'ajv';
import type { Test } from 'tap';
import { INSPECTION_SCHEMA } from '../../src/output/inspection-schema.js';

let validate: ValidateFunction | undefined;

/** Compiles the schema with one rule more: a line has no fields that the schema does not name. */
function compile(): ValidateFunction {
  const oneOf = INSPECTION_SCHEMA.oneOf.map((line) => ({ ...line, additionalProperties: false }));
  return new Ajv({ strict: true, allowUnionTypes: true }).compile({ ...INSPECTION_SCHEMA, oneOf });
}

/** Parses the lines. Fails the test for a line that is not as the schema says, or says more. */
export function inspectionLines(t: Test, stdout: string): Record<string, unknown>[] {
  validate ??= compile();
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const parsed = JSON.parse(line);
    if (!validate!(parsed)) t.fail(`${line} is not as the schema says: ${JSON.stringify(validate!.errors)}`);
    return parsed;
  });
}
