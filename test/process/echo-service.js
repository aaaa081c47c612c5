/**
 * A service for processes under test: ports that echo.
 * @param {import('rxmp').MpNode} node
 */
export function start(node) {
  node.register('echo', (self) => node.rcv(self, { echo: (reply, ...words) => node.snd(reply, ...words) }));
}
