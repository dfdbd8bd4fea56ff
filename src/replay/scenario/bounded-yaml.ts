// Parses YAML within bounds. The parser composes nested lists and maps by recursion, and compares each key of a map with
// all before it, so that a small text could take the whole stack or minutes. Here its parts are counted as they are
// made, their depth is measured without recursion, and keys are compared by a set.

import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isScalar,
  Lexer,
  type LineCounter,
  Parser,
  visit,
} from 'yaml';
import { quoteText } from '../../bytes/key-text.js';
import { MAX_SCENARIO_BYTES, MAX_SCENARIO_DEPTH, MAX_SCENARIO_PARTS } from '../run/bounds.js';

/** What is wrong with a text, and the offset where. */
export class YamlProblem extends Error {
  constructor(
    message: string,
    readonly offset: number,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Returns the document. Throws YamlProblem for what is no YAML, or exceeds a bound. */
export function parseBoundedYaml(text: string, lines: LineCounter, maxParts = MAX_SCENARIO_PARTS): Document.Parsed {
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES) {
    throw new YamlProblem(`it has more than ${MAX_SCENARIO_BYTES} bytes`, 0, REPEAT_HINT);
  }
  const tokens = tokensOf(text, lines, maxParts);
  checkDepth(tokens);
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [document, another] = composer.compose(tokens, true, text.length);
  const problem = document!.errors[0];
  if (problem !== undefined) throw new YamlProblem(problem.message, problem.pos[0]);
  if (another !== undefined) throw new YamlProblem('a second document begins', another.range[0]);
  checkKeys(document!);
  return document!;
}

const REPEAT_HINT = '`repeat` makes many commits or watchers of few words';

function tokensOf(text: string, lines: LineCounter, maxParts: number): CST.Token[] {
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const lineStart = () => lines.lineStarts.at(-1) ?? 0;
  let parts = 0;
  let brackets = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++parts > maxParts) {
      throw new YamlProblem(`it has more than ${maxParts} words and marks`, lineStart(), REPEAT_HINT);
    }
    if (lexeme === '[' || lexeme === '{') brackets++;
    else if (lexeme === ']' || lexeme === '}') brackets--;
    if (brackets > MAX_SCENARIO_DEPTH) throw tooDeep(lineStart());
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function tooDeep(offset: number): YamlProblem {
  return new YamlProblem(
    `lists and maps are nested more than ${MAX_SCENARIO_DEPTH} deep`,
    offset,
    'a scenario nests a few of them',
  );
}

function checkDepth(tokens: readonly CST.Token[]): void {
  const waiting: [token: CST.Token, depth: number][] = tokens.map((token) => [token, 0]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [token, depth] = next;
    if (depth > MAX_SCENARIO_DEPTH) throw tooDeep(token.offset);
    if (token.type === 'document' && token.value !== undefined) waiting.push([token.value, depth]);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items as CST.CollectionItem[]) {
      if (key) waiting.push([key, depth + 1]);
      if (value) waiting.push([value, depth + 1]);
    }
  }
}

/** Throws YamlProblem for a map that has a key twice. */
function checkKeys(document: Document.Parsed): void {
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (isCollection(key) || isAlias(key)) {
          throw new YamlProblem('a list, a map or an alias is no key', key.range?.[0] ?? 0);
        }
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          throw new YamlProblem(`the key ${quoteText(String(key.value))} is there twice`, key.range?.[0] ?? 0);
        }
        keys.add(key.value);
      }
    },
  });
}
