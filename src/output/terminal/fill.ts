// Breaks text for people into lines at spaces. Into a pipe, where there are no columns, it stays one line.

/** Lines of at most `columns`, but for words that are longer; all but the first begin with `hang` spaces. */
export function fill(text: string, columns: number | undefined, hang = 0): string {
  if (columns === undefined || text.length <= columns) return text;
  // Beside a wide name there still must be room for words.
  const indent = ' '.repeat(Math.min(hang, Math.floor(columns / 2)));
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    if (line.trimEnd() !== '' && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = indent + word;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
