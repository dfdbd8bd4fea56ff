// This module, loaded with node --import, prints at exit on stderr the libraries that the process loaded, one per line.

import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const { port1, port2 } = new MessageChannel();
port1.unref();
const hooks = `
  let port;
  export const initialize = (given) => { port = given; };
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    port.postMessage(resolved.url);
    return resolved;
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });

process.on('exit', () => {
  // The hooks do not see modules loaded by require().
  const paths = Object.keys(createRequire(import.meta.url).cache);
  for (let sent = receiveMessageOnPort(port1); sent !== undefined; sent = receiveMessageOnPort(port1)) {
    paths.push(sent.message);
  }
  const names = paths.map((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const libraries = [...new Set(names)].filter((name) => name !== undefined).sort();
  process.stderr.write(libraries.map((name) => `${name}\n`).join(''));
});
