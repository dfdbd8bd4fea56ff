// Output formats as tables of printers: a result has one printer a format, apart from the code that made it.

import { MvccwError } from '../../errors.js';

/** The printer for a format; throws USAGE, with the formats there are, when it is not one of them. */
export function choosePrinter<Printer>(printers: Readonly<Record<string, Printer>>, format: string): Printer {
  const printer = printers[format];
  if (printer === undefined) {
    throw new MvccwError('USAGE', `${format} is not supported as output format here`, {
      hint: `choose with -w one of ${Object.keys(printers).join(', ')}`,
    });
  }
  return printer;
}

/** Throws USAGE where --hex would change nothing. */
export function checkHex(format: string, hex: boolean): void {
  if (!hex || format === 'simple' || format === 'table') return;
  throw new MvccwError('USAGE', `--hex is not for \`--write-out=${format}\``, {
    hint: 'JSON has all bytes in base64, and fields quotes what cannot be printed',
  });
}
