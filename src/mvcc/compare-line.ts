// One comparison of a transaction as a line of text, as etcdctl reads it: mod("key") > "0"
//
// Differs from etcdctl: blanks around the operator may be left out, and numbers need no quotes.

import { MvccwError } from '../errors.js';
import type { Compare, CompareOperator } from './compare.js';
import { quoteKey } from './key-text.js';
import { parseLeaseId } from './option-values.js';
import { unquoteGo } from './unquote.js';

const BLANKS = '[ \\t]*';
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"|`[^`]*`';
const LINE = new RegExp(
  `^([a-z]+)${BLANKS}\\(${BLANKS}(${QUOTED})${BLANKS}\\)${BLANKS}(!=|[=<>])${BLANKS}(${QUOTED}|[-+0-9a-fA-F]+)$`,
);

const TARGETS: Readonly<Record<string, Compare['target']>> = {
  value: 'value',
  val: 'value',
  version: 'version',
  ver: 'version',
  create: 'create',
  c: 'create',
  mod: 'mod',
  m: 'mod',
  lease: 'lease',
};

const MAX_INT64 = 2n ** 63n - 1n;
const FORM = 'write it like: mod("key") > "0"; targets are value, version, create, mod and lease, operators = != < >';

function malformed(line: string, problem = ''): MvccwError {
  return new MvccwError('USAGE', `malformed comparison: ${quoteKey(line)}${problem}`, { hint: FORM });
}

/** Takes a byte string without blanks at its ends. Throws USAGE. */
export function parseCompareLine(line: string): Compare {
  const [, name, quotedKey, operator, operandText] = LINE.exec(line) ?? [];
  if (name === undefined) throw malformed(line);
  const target = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
  if (target === undefined) throw malformed(line, ` (unknown target ${name})`);
  const key = unquoteGo(quotedKey!);
  const isQuoted = /^["`]/.test(operandText!);
  const operand = isQuoted ? unquoteGo(operandText!) : operandText!;
  if (key === undefined || operand === undefined) throw malformed(line, ' (bad escape)');
  if (key === '') throw new MvccwError('USAGE', 'key is not provided: a comparison is about the empty key');
  const compare = { key, operator: operator as CompareOperator };
  if (target === 'value') {
    if (!isQuoted) throw malformed(line, ' (a value stands in quotes)');
    return { ...compare, target, operand: Buffer.from(operand, 'latin1') };
  }
  return { ...compare, target, operand: target === 'lease' ? parseLeaseId(operand) : parseInt64(operand, line) };
}

function parseInt64(text: string, line: string): bigint {
  if (!/^[-+]?\d+$/.test(text)) throw malformed(line, ` (${quoteKey(text)} is not a number)`);
  const number = BigInt(text.replace('+', ''));
  if (number <= MAX_INT64 && number >= -MAX_INT64 - 1n) return number;
  throw malformed(line, ` (${text} is out of range: numbers have 64 bits, up to ${MAX_INT64})`);
}
