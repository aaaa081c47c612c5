/** What a value of a word looks like. */
export type Kind = 'text' | 'list' | 'seconds' | 'boolean' | 'services' | 'pem';

/** A setting of the configuration file: one of AnyEvent::MP's, or one that only rxmp has. */
export interface Word {
  readonly name: string;
  readonly kind: Kind;
  /** One of a list, in `addseed` and `delseed`. */
  readonly one?: string;
  /** It is not shown unless that is asked for. */
  readonly isSecret?: true;
  /** For people. */
  readonly help: string;
}

/** All that can be set: help, checks and tests are made of this table. */
export const words: readonly Word[] = [
  { name: 'nodeid', kind: 'text', help: 'the id of the node; %n is the host name, %u a random text, a trailing / gets one too' },
  { name: 'secret', kind: 'text', isSecret: true, help: 'the shared secret of the network' },
  { name: 'cert', kind: 'pem', isSecret: true, help: 'PEM text with certificate, key and CAs; set from a file' },
  { name: 'seeds', kind: 'list', one: 'seed', help: 'addresses of nodes to stay connected with' },
  { name: 'binds', kind: 'list', one: 'bind', help: 'addresses to listen on' },
  { name: 'services', kind: 'services', one: 'service', help: 'functions to start: module#export, or [module#export, argument, ...]' },
  { name: 'parent', kind: 'text', help: 'the profile whose settings count where this one has none' },
  { name: 'monitor_timeout', kind: 'seconds', help: 'within this time a lost node is noticed, seconds' },
  { name: 'connect_interval', kind: 'seconds', help: 'the pause between two attempts to connect, seconds; rxmp has its own' },
  { name: 'framing_format', kind: 'list', help: 'framings to use, the preferred one first: rxmp_json, json, cbor' },
  { name: 'auth_offer', kind: 'list', help: 'how the node may prove itself' },
  { name: 'auth_accept', kind: 'list', help: 'how others may prove themselves' },
  { name: 'autocork', kind: 'boolean', help: 'rxmp always gathers what a turn writes' },
  { name: 'nodelay', kind: 'boolean', help: 'rxmp never waits for more to send' },
  { name: 'global', kind: 'boolean', help: 'a global node from the start' },
  { name: 'guests', kind: 'text', help: 'makes the node a gate: a module that exports "guests", or module#export (rxmp run)' },
  { name: 'resume_time', kind: 'seconds', help: 'how long a link outlives its connection, seconds' },
  { name: 'accept_plain', kind: 'boolean', help: 'with cert, also nodes without TLS that know the secret' },
  { name: 'advertise', kind: 'list', help: 'addresses to tell others in place of the binds' },
  { name: 'relay', kind: 'boolean', help: 'pass connections on to private nodes' },
];

export const wordOf = (name: string): Word | undefined => words.find((word) => word.name === name);

/** What is wrong with a value of the file; undefined: nothing. */
export function objection({ kind }: Word, value: unknown): string | undefined {
  switch (kind) {
    case 'text':
    case 'pem':
      return typeof value === 'string' ? undefined : 'expected a text';
    case 'list':
      return Array.isArray(value) && value.every((one) => typeof one === 'string') ? undefined : 'expected a list of texts';
    case 'services':
      return Array.isArray(value) && value.every(isService) ? undefined : 'expected a list of texts, or of lists that begin with a text';
    case 'seconds':
      return Number(value) > 0 && (typeof value === 'number' || typeof value === 'string') ? undefined : 'expected seconds, more than 0';
    case 'boolean':
      return [true, false, 0, 1, '0', '1', ''].includes(value as never) ? undefined : 'expected true or false';
  }
}

const isService = (one: unknown): boolean => typeof one === 'string' || (Array.isArray(one) && typeof one[0] === 'string');
