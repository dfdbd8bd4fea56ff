// The help topics: texts that explain more than one command. A text is loaded when someone asks for it.

export interface HelpTopic {
  readonly name: string;
  /** What the list of topics says beside the name. */
  readonly summary: string;
  /** Gives the text as help texts are written: prose is filled, indented lines stay as they are. */
  load(): Promise<string>;
}

export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: 'words',
    summary: 'what the words of the output mean: synced, unsynced, victim, window, lag',
    load: async () => (await import('./words.js')).WORDS_TOPIC,
  },
  {
    name: 'scenarios',
    summary: 'how to write a scenario, set limits for CI, and search for trouble',
    load: async () => (await import('./scenarios.js')).SCENARIOS_TOPIC,
  },
  {
    name: 'apiserver',
    summary: 'who watches the etcd of Kubernetes: apiservers, and their clients',
    load: async () => (await import('./apiserver.js')).APISERVER_TOPIC,
  },
  {
    name: 'guarantees',
    summary: 'what is checked over every replay',
    load: async () => (await import('./guarantees.js')).GUARANTEES_TOPIC,
  },
  {
    name: 'releases',
    summary: 'how releases of etcd differ, and the known defects',
    load: async () => (await import('./releases.js')).RELEASES_TOPIC,
  },
  {
    name: 'json',
    summary: 'what -w json prints, for jq and programs',
    load: async () => (await import('./json.js')).JSON_TOPIC,
  },
  {
    name: 'files',
    summary: 'files of etcd: what --db takes, and which command answers what',
    load: async () => (await import('./files.js')).FILES_TOPIC,
  },
  {
    name: 'kubernetes',
    summary: 'how objects of Kubernetes are shown, and Secrets hidden',
    load: async () => (await import('./kubernetes.js')).KUBERNETES_TOPIC,
  },
  {
    name: 'clocks',
    summary: 'how times of revisions are known, and from which files they are read',
    load: async () => (await import('./clocks.js')).CLOCKS_TOPIC,
  },
  {
    name: 'steps',
    summary: 'step scenarios: single operations and their trace',
    load: async () => (await import('./steps.js')).STEPS_TOPIC,
  },
  {
    name: 'leases',
    summary: 'how leases run out where no server runs',
    load: async () => (await import('./leases.js')).LEASES_TOPIC,
  },
  {
    name: 'sharing',
    summary: 'several processes on one database, durability, and copies',
    load: async () => (await import('./sharing.js')).SHARING_TOPIC,
  },
  {
    name: 'differences',
    summary: 'where mvccw differs from etcdctl',
    load: async () => (await import('./differences.js')).DIFFERENCES_TOPIC,
  },
];

/** Gives the lines of the list of topics, one topic a line. */
export function topicLines(): string {
  const width = Math.max(...HELP_TOPICS.map(({ name }) => name.length));
  return HELP_TOPICS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}
