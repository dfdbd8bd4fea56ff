// Chooses printers. Each result has a table with one printer for each format, apart from the code that made the result.

import { MvccwError } from '../../errors.js';

/** Returns the printer for a format. Throws USAGE, which lists the formats, when there is none. */
export function choosePrinter<Printer>(printers: Readonly<Record<string, Printer>>, format: string): Printer {
  const printer = printers[format];
  if (printer === undefined) {
    throw new MvccwError('USAGE', `${format} is not supported as output format here`, {
      hint: `choose with -w one of ${Object.keys(printers).join(', ')}`,
    });
  }
  return printer;
}

/** Throws USAGE when --hex would change nothing. */
export function checkHex(format: string, hex: boolean): void {
  if (!hex || format === 'simple' || format === 'table') return;
  throw new MvccwError('USAGE', `--hex is not for \`--write-out=${format}\``, {
    hint: 'JSON has all bytes in base64, and fields quotes what cannot be printed',
  });
}
