import { Readable } from 'node:stream';
import t from 'tap';
import type { Io } from '../../src/commands/io.js';
import { stdinLines } from '../../src/commands/stdin.js';

async function linesOf(chunks: Iterable<Buffer | string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of stdinLines({ stdin: Readable.from(chunks) } as unknown as Io)) lines.push(line);
  return lines;
}

t.test('lines, wherever they are cut', async (t) => {
  const rows: [chunks: string[], lines: string[]][] = [
    [[], []],
    [['a\nb\n'], ['a', 'b']],
    [['a\nb'], ['a', 'b']],
    [
      ['a', 'b\n', '\n', 'c\nd', 'e', '\nf'],
      ['ab', '', 'c', 'de', 'f'],
    ],
    [['\n\n'], ['', '']],
  ];
  for (const [chunks, lines] of rows) t.strictSame(await linesOf(chunks), lines, JSON.stringify(chunks));
  t.strictSame(await linesOf([Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])]), ['\xc3\xbc'], 'bytes');
});

// A line of 50 MB once took 82 seconds, because the part that had been read was scanned again for each chunk.
t.test('a long line takes time in proportion', async (t) => {
  const CHUNK = Buffer.alloc(65536, 'x');
  const beganMs = performance.now();
  t.equal((await linesOf(Array.from({ length: 512 }, () => CHUNK))).length, 1);
  t.ok(performance.now() - beganMs < 15_000, 'where the way of before took half a minute, on an idle machine');
});
