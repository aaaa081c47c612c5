const NO_SOCKETS = {
  'WebSocket: listens': 'browsers only connect',
  'TCP': 'browsers have no TCP',
  'TCP with TLS': 'browsers have no TLS between nodes',
  '`wss://`': 'browsers have no TLS between nodes',
};

/** What a platform can't do, by platform and case, with a part of what it says then. That it still can't is tested, too. */
export const CANNOT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Bun': { 'TCP with TLS': 'handshake' },
  'Deno': { 'TCP with TLS': 'TLS failed' },
  'Chromium': NO_SOCKETS,
  'a service worker': NO_SOCKETS,
  'workerd': NO_SOCKETS,
};
