import { readList } from '../../src/cli/words.js';
import { placeOf } from '../../src/transport/place.js';
import { formatHostPort, parseAddress } from '../../src/transport/address.js';
import { BadAddress, BadNodeId } from '../../src/wire/errors.js';
import { checkNodeId, isNodeId } from '../../src/wire/node-id.js';
import { checkedNode, makePortId, nodeOf, portNameOf } from '../../src/wire/portid.js';
import { corpusOf, octetsOf } from './corpus.js';
import { shown, type Surface } from './fuzz.js';
import { mutated } from './mutate.js';
import { testSurface } from './surface-tests.js';

const words = [
  ...['#', '##', ':', '::', '[', ']', '[::1]', '*', ':*', ':0', ':65535', ':65536', ':99999', '://', 'ws://', 'wss://', 'memory://', 'tcp://', '/', '?', '@', '%2525', '%25eth0'],
  ...['127.0.0.1', '::ffff:1.2.3.4', '2001:db8::1', 'localhost', '__proto__', ' ', ',', '%09', '%00', '%0a', '%ff', '%ed%a0%80', 'a/b', '%25n', '%25u'],
].map(octetsOf);

function textSurface(name: string, longest: number, take: (text: string) => boolean): Surface<Uint8Array> {
  const material = { corpus: corpusOf('addresses'), words, longest };
  return {
    name,
    corpus: material.corpus,
    make: (chance) => mutated(chance, material),
    take: (octets) => take(Buffer.from(octets).toString()),
    show: shown,
  };
}

/** Refuses with this error, and no other. */
function refuses(error: unknown, type: new (message: string) => Error): false {
  if (error instanceof type) return false;
  throw error;
}

testSurface('addresses, as on the command line', {
  word: '%ff',
  surface: () =>
    textSurface('addresses', 400, (text) => {
      placeOf(text);
      let all = true;
      for (const part of readList(text)) {
        try {
          const address = parseAddress(part);
          const { scheme, host, port, path } = address;
          if (!Number.isInteger(port) || port < 0 || port > 65_535 || host === '') throw new Error(`read as ${JSON.stringify(address)}`);
          // what was read means the same when it is written again
          const written = `${scheme === 'tcp' ? '' : `${scheme}://`}${formatHostPort(host, port)}${path}`;
          const again = parseAddress(written);
          if (again.host !== host || again.port !== port || again.path !== path) throw new Error(`"${part}" became "${written}"`);
        } catch (error) {
          all = refuses(error, BadAddress);
        }
      }
      return all;
    }),
});

testSurface('ids of nodes and ports', {
  word: '##',
  surface: () =>
    textSurface('ids', 600, (text) => {
      const [node, name] = [nodeOf(text), portNameOf(text)];
      if (makePortId(node, name) !== (text.endsWith('#') && name === '' ? text.slice(0, -1) : text)) throw new Error(`is node ${node}, port ${name}`);
      let known = true;
      try {
        if (checkedNode(text) !== node) throw new Error(`belongs to ${checkedNode(text)}`);
      } catch (error) {
        known = refuses(error, BadNodeId);
      }
      try {
        checkNodeId(node);
      } catch (error) {
        known = refuses(error, BadNodeId);
      }
      if (known && (!isNodeId(node) || node.length > 255)) throw new Error('is taken for a node id');
      return known;
    }),
});
