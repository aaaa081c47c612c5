import { framings } from '../../wire/framing.js';
import { shown } from '../../wire/printable.js';
import { METHODS, type NodeMethod } from '../../transport/methods.js';
import { BadConfig } from './rc.js';
import type { Resolved } from './resolve.js';

/** A service and what it is started with. */
export type Service = string | readonly [string, ...unknown[]];

/** What the configuration says of a node, as its options. */
export interface Configured {
  readonly nodeid?: string;
  readonly secret?: string;
  readonly cert?: string;
  readonly tls?: undefined;
  readonly seeds?: readonly string[];
  readonly binds?: readonly string[];
  readonly services?: readonly Service[];
  readonly monitorTimeout?: number;
  readonly framings?: readonly string[];
  readonly methods?: readonly NodeMethod[];
  readonly acceptCleartext?: boolean;
  readonly acceptAnonymous?: boolean;
  readonly acceptPlain?: boolean;
  readonly global?: boolean;
  readonly resumeTime?: number;
  readonly advertise?: readonly string[];
  readonly relay?: boolean;
}

/** Services of AnyEvent::MP that a node of rxmp is by itself. */
const GLOBAL = /^AnyEvent::MP::Global(::)?$/;
const isPerl = (name: string): boolean => name.includes('::') && !/[./#]/.test(name);

/**
 * Turns what was found into options. Throws `BadConfig` for what this node can't do; `warn` hears of what it leaves out, such as services
 * written in Perl.
 */
export function optionsOf(found: ReadonlyMap<string, Resolved>, warn: (text: string) => void): Configured {
  const value = (name: string): unknown => found.get(name)?.value;
  const text = (name: string): string | undefined => value(name) as string | undefined;
  const list = (name: string): readonly string[] | undefined => value(name) as readonly string[] | undefined;
  const time = (name: string): number | undefined => (found.has(name) ? Number(value(name)) * 1_000 : undefined);
  const flag = (name: string): boolean | undefined => (found.has(name) ? [true, 1, '1'].includes(value(name) as never) : undefined);

  const { services, isGlobal } = servicesOf(value('services') as readonly Service[] | undefined, warn);
  const cert = text('cert');
  const accept = list('auth_accept');
  const options = {
    nodeid: text('nodeid'),
    secret: text('secret'),
    cert,
    seeds: list('seeds'),
    binds: list('binds'),
    services,
    monitorTimeout: time('monitor_timeout'),
    framings: framingsOf(list('framing_format')),
    methods: methodsOf(accept, list('auth_offer')),
    acceptCleartext: accept?.includes('cleartext'),
    acceptAnonymous: accept === undefined || cert === undefined ? undefined : accept.includes('tls_anon'),
    acceptPlain: flag('accept_plain'),
    global: isGlobal ? true : flag('global'),
    resumeTime: time('resume_time'),
    advertise: list('advertise'),
    relay: flag('relay'),
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, one]) => one !== undefined)) as Configured;
  // in place of the program's, whichever way it was given there
  return cert === undefined ? given : { ...given, tls: undefined };
}

function servicesOf(services: readonly Service[] | undefined, warn: (text: string) => void): { readonly services?: readonly Service[]; readonly isGlobal: boolean } {
  if (services === undefined) return { isGlobal: false };
  const nameOf = (service: Service): string => (typeof service === 'string' ? service : service[0]);
  const foreign = services.map(nameOf).filter((name) => isPerl(name) && !GLOBAL.test(name));
  if (foreign.length > 0) warn(`services written in Perl are not started: ${foreign.map(shown).join(', ')}`);
  return { services: services.filter((service) => !isPerl(nameOf(service))), isGlobal: services.map(nameOf).some((name) => GLOBAL.test(name)) };
}

/** Those that rxmp speaks, too. */
function framingsOf(names: readonly string[] | undefined): readonly string[] | undefined {
  if (names === undefined) return undefined;
  const known = names.filter((name) => framings.has(name));
  if (known.length > 0) return known;
  throw new BadConfig(`framing_format is ${names.map(shown).join(', ') || 'empty'}: expected some of ${[...framings.keys()].join(', ')}`);
}

/** rxmp has one list for both directions: what is in either. Its own method stands for the one of AnyEvent::MP beside which it is used. */
function methodsOf(accept: readonly string[] | undefined, offer: readonly string[] | undefined): readonly NodeMethod[] | undefined {
  if (accept === undefined && offer === undefined) return undefined;
  const names = new Set([...(accept ?? METHODS), ...(offer ?? [])]);
  if (names.has('hmac_sha3_512')) names.add('rxmp_sha3_512');
  return METHODS.filter((method) => names.has(method));
}
