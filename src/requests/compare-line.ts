// A line of text holds one comparison of a transaction, as etcdctl reads it: mod("key") > "0"
//
// Differs from etcdctl: blanks around the operator may be left out, and numbers need no quotes.

import { type Bytes, sliceBytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { endOfQuoted, unquoteGo } from '../bytes/unquote.js';
import { MvccwError } from '../errors.js';
import { parseLeaseId } from './option-values.js';
import type { Compare, CompareOperator } from './txn-compare.js';

const HEAD = /^([a-z]+)[ \t]*\([ \t]*(?=["`])/;
const OPERATOR = /[ \t]*\)[ \t]*(!=|[=<>])[ \t]*/y;
const NUMBER = /^[-+0-9a-fA-F]+$/;

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

interface Parts {
  readonly name: string;
  /** The key as it stands in the line, in quotes. */
  readonly key: Bytes;
  readonly operator: string;
  /** The operand as it stands in the line. */
  readonly operand: Bytes;
}

function partsOf(line: Bytes): Parts | undefined {
  const [head = '', name = ''] = HEAD.exec(line) ?? [];
  const keyEnd = head === '' ? undefined : endOfQuoted(line, head.length);
  if (keyEnd === undefined) return undefined;
  OPERATOR.lastIndex = keyEnd;
  const [, operator] = OPERATOR.exec(line) ?? [];
  if (operator === undefined) return undefined;
  const at = OPERATOR.lastIndex;
  const operand = sliceBytes(line, at);
  const isWhole = isQuoted(operand) ? endOfQuoted(line, at) === line.length : NUMBER.test(operand);
  return isWhole ? { name, key: sliceBytes(line, head.length, keyEnd), operator, operand } : undefined;
}

function isQuoted(text: string): boolean {
  return text.startsWith('"') || text.startsWith('`');
}

/** Reads a line without blanks at its ends. Throws USAGE. */
export function parseCompareLine(line: Bytes): Compare {
  const parts = partsOf(line);
  if (parts === undefined) throw malformed(line);
  const { name, operator } = parts;
  const target = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
  if (target === undefined) throw malformed(line, ` (unknown target ${name})`);
  const key = unquoteGo(parts.key);
  const operand = isQuoted(parts.operand) ? unquoteGo(parts.operand) : parts.operand;
  if (key === undefined || operand === undefined) throw malformed(line, ' (bad escape)');
  if (key === '') throw new MvccwError('USAGE', 'key is not provided: a comparison is about the empty key');
  const compare = { key, operator: operator as CompareOperator };
  if (target === 'value') {
    if (!isQuoted(parts.operand)) throw malformed(line, ' (a value stands in quotes)');
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
