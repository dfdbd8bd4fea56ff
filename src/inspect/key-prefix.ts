// What keys are counted under.

/** The levels of keys: they end in a separator, and are counted behind the prefix that all keys have. */
export interface Levels {
  readonly prefix: string;
  readonly separator: string;
}

/**
 * Returns the first `depth` levels of a key. A separator at the start opens no level; a key with fewer levels is under
 * those that it has.
 *
 *   depth 2   /registry/pods/default/web-0   /registry/pods/
 *             /registry/health               /registry/
 *             leader                         (nothing)
 */
export function prefixOf(key: string, depth: number, { prefix, separator }: Levels): string {
  let end = prefix.length;
  if (depth > 0 && key.startsWith(separator, end)) end += separator.length;
  for (let level = 0; level < depth; level++) {
    const at = key.indexOf(separator, end);
    if (at < 0) break;
    end = at + separator.length;
  }
  return key.slice(0, end);
}
