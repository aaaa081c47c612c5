import { sharedNode, type SharedNodeOptions } from 'rxmp/shared';
import { describe, expect, it } from 'vitest';

const seeds = ['wss://shop.example/mp'];

describe('A4: options of sharedNode that can not be', () => {
  it.each([
    [{}, 'sharedNode() needs the option "seeds"'],
    [{ seeds: [] }, 'sharedNode() needs the option "seeds"'],
    [{ seeds, binds: ['ws://*'] }, 'the option "binds" is not for sharedNode()'],
    [{ seeds, transports: [] }, 'the option "transports" is not for sharedNode()'],
    [{ seeds, nodeid: 'page' }, 'the option "nodeid" is "page", but each tab is a node: expected one with a random part, such as "page/%u"'],
  ])('%j', async (options, text) => {
    await expect(sharedNode(options as unknown as SharedNodeOptions)).rejects.toThrow(text);
  });
});

describe('A4: where there are no tabs that could share', () => {
  it('the node has a connection of its own, as createNode makes it', async () => {
    const node = await sharedNode({ seeds: ['ws://127.0.0.1:9/mp'], secret: 's' });
    expect(node.id).toMatch(/^browser\//);
    await node.close();
  });
});
