// Reads the counts of watches from metrics in the text format of Prometheus: those of an apiserver say how many watches of
// each resource it serves, those of etcd how many watchers and streams there are, and nothing of what they watch.

import { MvccwError } from '../../../errors.js';

export interface MetricCounts {
  /** The name of the file, for messages. */
  readonly path: string;
  readonly watches: readonly { readonly group: string; readonly resource: string; readonly count: number }[];
  readonly etcd:
    | { readonly watchers: number; readonly streams: number | undefined; readonly slow: number | undefined }
    | undefined;
}

const WATCHES = 'apiserver_longrunning_requests';
const ETCD = {
  watchers: 'etcd_debugging_mvcc_watcher_total',
  streams: 'etcd_debugging_mvcc_watch_stream_total',
  slow: 'etcd_debugging_mvcc_slow_watcher_total',
} as const;

/** Gathers the counts of a file, line by line. */
export class MetricReader {
  private readonly watches = new Map<string, { readonly group: string; readonly resource: string; count: number }>();
  private readonly values = new Map<string, number>();

  add(line: string): void {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line) ?? [];
    if (name === undefined) return;
    const count = Number(value);
    if (!Number.isSafeInteger(count) || count < 0) return;
    if (name !== WATCHES) {
      if ((Object.values(ETCD) as string[]).includes(name)) this.values.set(name, count);
      return;
    }
    const of = new Map([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text!]));
    if (of.get('verb') !== 'WATCH' || !of.get('resource')) return;
    const [group, resource] = [of.get('group') ?? '', of.get('resource')!];
    const known = this.watches.get(`${group}/${resource}`);
    if (known === undefined) this.watches.set(`${group}/${resource}`, { group, resource, count });
    else known.count += count;
  }

  /** Returns the counts. Throws FORMAT when the file, of this name, has none. */
  finish(path: string): MetricCounts {
    const watchers = this.values.get(ETCD.watchers);
    const etcd =
      watchers === undefined
        ? undefined
        : { watchers, streams: this.values.get(ETCD.streams), slow: this.values.get(ETCD.slow) };
    const watches = [...this.watches.values()];
    if (etcd !== undefined || watches.length > 0) return { path, watches, etcd };
    throw new MvccwError('FORMAT', `${path} counts no watches`, {
      hint: `metrics of an apiserver have ${WATCHES}{verb="WATCH"}, those of etcd have ${ETCD.watchers}`,
    });
  }
}
