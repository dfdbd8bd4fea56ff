// The digest by which an apiserver compares its watch cache with etcd: FNV-1 of 64 bits over NAMESPACE/NAME/RESOURCEVERSION
// of all objects of a resource, in the order of a list. Follows pkg/storage/cacher/consistency in k8s.io/apiserver.

import { utf8 } from '../bytes/byte-string.js';
import type { ObjectIdentity } from './identity.js';

/** The offset basis, and the prime 2^40 + 0x1b3, in halves of 32 bits. */
const BASIS_HIGH = 0xcbf29ce4;
const BASIS_LOW = 0x84222325;
const PRIME_LOW = 0x1b3;
const PRIME_SHIFT = 0x100;
const TWO_TO_32 = 0x1_0000_0000;

export class ObjectDigest {
  private high = BASIS_HIGH;
  private low = BASIS_LOW;

  add({ namespace, name }: Pick<ObjectIdentity, 'namespace' | 'name'>, resourceVersion: number): void {
    this.write(utf8(`${namespace}/${name}/${resourceVersion}`));
  }

  private write(latin1: string): void {
    let { high, low } = this;
    for (let i = 0; i < latin1.length; i++) {
      // Products of 32 and 9 bits are exact.
      const product = low * PRIME_LOW;
      high = (high * PRIME_LOW + low * PRIME_SHIFT + Math.floor(product / TWO_TO_32)) >>> 0;
      low = ((product >>> 0) ^ latin1.charCodeAt(i)) >>> 0;
    }
    this.high = high;
    this.low = low;
  }

  /** Returns the digest as an apiserver logs it: in hexadecimal, without zeros in front. */
  toString(): string {
    return ((BigInt(this.high) << 32n) | BigInt(this.low)).toString(16);
  }
}
