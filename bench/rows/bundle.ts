import { bundled, rxjsOfRxmp } from '../harness/bundle.js';
import type { Contender } from '../harness/measure.js';
import { missingPackage } from '../harness/peers.js';
import type { Row } from '../harness/row.js';

const OWN = `export * from 'rxmp'`;

/** What a page has to load. */
export const bundleRows = (): readonly Row[] => [
  {
    id: 'bundle',
    what: 'browser bundle, minified, gzip',
    unit: 'octets',
    better: 'less',
    contenders: [
      bundle('rxmp', 'rxmp, all of it', () => OWN),
      bundle('raw', 'rxjs as rxmp uses it, cbor-x, immer', libraries),
      bundle('socket.io', 'socket.io-client', () => `export * from 'socket.io-client'`, missingPackage('socket.io-client')),
      bundle('nats', 'nats-core', () => `export * from '@nats-io/nats-core'`, missingPackage('@nats-io/nats-core')),
    ],
    goals: [{ of: 'rxmp', atMost: 32_000 }],
  },
];

const bundle = (id: string, name: string, source: () => Promise<string> | string, absent?: string): Contender => ({
  id,
  name,
  absent: missingPackage('esbuild') ?? absent,
  operations: 1,
  async open() {
    const { octets, platform } = await bundled(await source());
    const note = platform.length === 0 ? undefined : `left out, since browsers have none: ${platform.join(', ')}`;
    return { run: () => octets, note };
  },
});

async function libraries(): Promise<string> {
  const names = rxjsOfRxmp(await bundled(OWN));
  return [`export { ${names.join(', ')} } from 'rxjs'`, `export * from 'cbor-x/index-no-eval'`, `export * from 'immer'`].join('\n');
}
