// Puts counts before their nouns.

/** Returns for example `1 event`, `2 events`, `2 batches`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
