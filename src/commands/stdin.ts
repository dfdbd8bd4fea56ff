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
  // The pieces of a line that is not whole yet: joined once, a long line takes no more time than many short ones.
  let begun: string[] = [];
  for await (const chunk of stdin) {
    const [first = '', ...others] = Buffer.from(chunk).toString('latin1').split('\n');
    begun.push(first);
    const last = others.pop();
    if (last === undefined) continue;
    yield begun.join('');
    yield* others;
    begun = [last];
  }
  const rest = begun.join('');
  if (rest !== '') yield rest;
}
