// Draws horizontal bars of several parts, one behind the other. A terminal has colours for them, and other glyphs where
// colours are off.

interface BarPart {
  readonly amount: number;
  /** One character. */
  readonly glyph: string;
  readonly paint: (text: string) => string;
}

/**
 * Returns a bar for amounts, of `cells` columns where they come to `full`. Each part ends where the sum up to it belongs,
 * so that the bar is as long as the sum wants it. What is not zero has at least one cell.
 */
export function drawBar(parts: readonly BarPart[], full: number, cells: number): string {
  const sum = parts.reduce((total, { amount }) => total + amount, 0);
  const length = sum > 0 && full > 0 ? Math.max(1, Math.round((sum / full) * cells)) : 0;
  let bar = '';
  let upTo = 0;
  let drawn = 0;
  for (const { amount, glyph, paint } of parts) {
    upTo += amount;
    const end = Math.round((upTo / Math.max(sum, 1)) * length);
    if (end > drawn) bar += paint(glyph.repeat(end - drawn));
    drawn = end;
  }
  return bar;
}
