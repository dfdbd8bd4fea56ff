// Step scenarios: a file of JSON Lines, one operation a line, that says everything that happens to a store and its
// watchers, passes included. Nothing happens by itself. This file reads them.

import { MvccwError } from '../../errors.js';
import { checkStepOp } from './step-form.js';
import type { StepOp } from './step-op.js';

/** Reads a scenario; `name` stands in messages. Throws USAGE with the line. */
export function parseStepScenario(text: string, name: string): StepOp[] {
  const ops: StepOp[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const where = `${name}:${i + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new MvccwError('USAGE', `${where}: ${(error as Error).message}`, { cause: error });
    }
    checkStepOp(value, where);
    if (value.op === 'config' && ops.length > 0) {
      throw new MvccwError('USAGE', `${where}: config must be the first operation`, {
        hint: 'its parameters hold from the beginning on',
      });
    }
    ops.push(value);
  });
  return ops;
}
