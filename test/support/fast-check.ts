// This module is fast-check with the seed of this run. Tests import fast-check from here.

import fc from 'fast-check';
import { SEED } from './random.js';

fc.configureGlobal({ seed: SEED });

export default fc;
