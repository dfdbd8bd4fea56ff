// Standard input, as bytes and as lines.

import type { Io } from '../cli/io.js';

/** All of it. */
export async function readStdin({ stdin }: Io): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Its lines as byte strings, as soon as they are whole; what stands behind the last newline counts as one too. */
export async function* stdinLines({ stdin }: Io): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of stdin) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
