// The part of mvccw check that prints the digest of a resource of Kubernetes.

import { type KubeDigest, kubeDigest } from '../inspect/kube-digest.js';
import { CHECK_PRINTERS } from '../output/check-printer.js';
import { choosePrinter } from '../output/formats/registry.js';
import { KUBE_DIGEST_PRINTERS } from '../output/kube/digest-printer.js';
import { keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { readDatabase } from './read-database.js';

export interface KubeDigestOptions {
  /** What the keys of the resource begin with; a slash at its end may be missing, as it may be for an apiserver. */
  readonly kubeDigest: string;
  readonly rev?: number;
}

export async function runKubeDigest(context: Context, options: SharedOptions & KubeDigestOptions): Promise<void> {
  const { out, outStyle } = context;
  const { writeOut, rev = 0 } = options;
  const print = choosePrinter(KUBE_DIGEST_PRINTERS, writeOut);
  const findings = choosePrinter(CHECK_PRINTERS, writeOut)(outStyle);
  const prefix = keyBytes(options.kubeDigest.replace(/\/?$/, '/'));
  const digest = await readDatabase(context, options, async ({ store }): Promise<KubeDigest> => {
    const steps = kubeDigest(store, prefix, rev);
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      context.exitCode = EXIT.found;
      await out.write(findings.finding(step.value));
    }
    return step.value;
  });
  await out.write(print(digest, outStyle));
}
