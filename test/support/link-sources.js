// This module makes compiled tests find what they import: they say `../src`, which is compiled in dist.

import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from './root.js';

export function linkSources() {
  const build = projectFile('.build');
  mkdirSync(build, { recursive: true });
  const link = join(build, 'src');
  if (!existsSync(link)) symlinkSync(join('..', 'dist'), link, 'dir');
}
