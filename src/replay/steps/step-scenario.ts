// Reads step scenarios. Such a file has one operation a line, as JSON, and says everything that happens to a store and
// its watchers, passes included: nothing happens by itself.

import { MvccwError, naming } from '../../errors.js';
import { checkStepOp } from './step-form.js';
import type { StepOp } from './step-op.js';

/** Reads a step scenario; `name` stands in messages. Throws USAGE, with the line. */
export function parseStepScenario(text: string, name: string): StepOp[] {
  const ops: StepOp[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() !== '') ops.push(naming(`${name}:${i + 1}`, () => parseOp(line, ops.length === 0)));
  });
  return ops;
}

function parseOp(line: string, isFirst: boolean): StepOp {
  const op = parseJson(line);
  checkStepOp(op);
  if (op.op !== 'config' || isFirst) return op;
  throw new MvccwError('USAGE', 'config must be the first operation', {
    hint: 'its parameters hold from the beginning on',
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new MvccwError('USAGE', (error as Error).message, { cause: error });
  }
}
