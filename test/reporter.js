// @ts-check
// The tests' reporter prints a line for each test file, each failure with its place, and the totals as the last line.

import { Transform } from 'node:stream';
import { Parser } from 'tap-parser';

/** @param {import('tap-parser').Result} result */
function failureText({ fullname, name, diag = {} }) {
  const { diff, stack, found, wanted, ...rest } = /** @type {Record<string, unknown>} */ (diag);
  const details = [diff ?? '', stack ?? JSON.stringify(rest, undefined, 2)].filter((text) => text !== '').join('\n');
  return `not ok  ${fullname}: ${name}\n${details.trimEnd().replace(/^/gm, '    ')}\n`;
}

export default class Reporter extends Transform {
  passed = 0;
  failed = 0;
  skipped = 0;

  constructor() {
    super({ decodeStrings: false });
    this.parser = new Parser();
    this.follow(this.parser, 0);
    this.parser.on('bailout', (reason) => this.push(`Bail out! ${reason}\n`));
  }

  /**
   * Counts the assertions of a parser and of those below it. A subtest's own line counts only when it failed without a
   * failed assertion inside: a crash, a time-out, a plan not kept.
   * @param {Parser} parser
   * @param {number} depth
   * @returns {{ failed: number }} what failed inside, as far as it has been read
   */
  follow(parser, depth) {
    const inside = { failed: 0 };
    /** @type {{ failed: number } | undefined} */
    let subtest;
    parser.on('child', (child) => {
      subtest = this.follow(child, depth + 1);
    });
    parser.on('assert', (result) => {
      const ended = subtest;
      subtest = undefined;
      if (depth === 0)
        this.push(`${result.ok ? 'ok    ' : 'not ok'}  ${result.name}  ${Math.round(result.time ?? 0)} ms\n`);
      if (ended !== undefined && (result.ok || ended.failed > 0)) {
        inside.failed += ended.failed;
        return;
      }
      if (result.skip) {
        this.skipped++;
        this.push(`skip    ${result.fullname}: ${result.skip}\n`);
      } else if (result.ok) {
        this.passed++;
      } else {
        this.failed++;
        inside.failed++;
        this.push(failureText(result));
      }
    });
    return inside;
  }

  /**
   * @override
   * @param {string | Buffer} chunk
   * @param {BufferEncoding} _encoding
   * @param {() => void} done
   */
  _transform(chunk, _encoding, done) {
    this.parser.write(String(chunk));
    done();
  }

  /**
   * @override
   * @param {() => void} done
   */
  _flush(done) {
    this.parser.end(undefined, undefined, () => {
      const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
      this.push(`${this.passed} passed, ${this.failed} failed${skipped}\n`);
      done();
    });
  }
}
