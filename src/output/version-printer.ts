// Prints versions as `etcdctl version` does.

import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';

interface Versions {
  readonly version: string;
  readonly apiVersion: string;
}

type Printer = (versions: Versions) => string;

export const VERSION_PRINTERS: Readonly<Record<string, Printer>> = {
  simple: ({ version, apiVersion }) => `mvccw version: ${version}\nAPI version: ${apiVersion}\n`,
  json: (versions) => `${toJson(versions)}\n`,
  fields: ({ version, apiVersion }) => `"Version" : "${version}"\n"APIVersion" : "${apiVersion}"\n`,
  table: ({ version, apiVersion }) => drawTable(['version', 'API version'], [[version, apiVersion]]),
};
