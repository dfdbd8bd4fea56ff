// This file was written by the bbolt library 1.3.6 and has features that etcd does not use: pages of 1024 bytes, a
// stored freelist, a bucket's sequence, and buckets in buckets: "big" (a branch page and a value of 20,000 bytes),
// "mixed" (pairs and the bucket "inner", which holds a pair and the bucket "deeper") and "void".

import { gunzipSync } from 'node:zlib';

const COMPRESSED = `
H4sIAAAAAAACA+3dz2oTQRwA4O020UvFgKfapileRFCMiaIn8ejJkzf/gJKlxGoqPUgjXnvxCXwDL76A4El8Cl9B+g5mycxmsyIB
LWQbvg+GYWY2wzLLbza7h98myVQj1Cc/N07SUsdOMq8T6t3K775/+fXj+fWnTxLgzFhbEP+bleO3K/HfDPXni1+/fRw8vmlF4exI
izot9oM8ts9NSi+MPSztE4Mse5sdVneP2WyznlYYz8vReN9SQ+2sF5G7XvR1S5GblyvhPt8K41dLYy9uDUej7DCtTPu+Z2mh9hpF
/DeKvgeV+O9V4v9uaSx3bfF+MO7bEaB2mqX7/6XS/X9jUu6H9qvQju/+jiflQv6c8ChJ9rPxje7U7f87k9JMdxYc+vpgtBeP7bqG
AAAAAAAAAAAAAAAAAAAAAAAAANRfzO8f8//mOTzzlHp5K2bw7iez/J95+14yzRu6Oykvh3tblSnfDI+yQcwmen5atd4dDAd/O4fU
ZYCluFzE4CwK87jO831+CO1Pof0smcvSudSEvqXz6LuK8G/izXstxH+M/bgvbId288+4651e7l9gGeL3vFoh/3/8Ckg71PH7fx1L
BSunXcR/Ovc8sGVpYOXtFM//p/v+L/6P8P4P6qtT+f8f39tvVp4P2pYKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIAV
9BtW9C3TAAABAA==
`;

export function madeByBbolt(): Buffer {
  return gunzipSync(Buffer.from(COMPRESSED, 'base64'));
}
