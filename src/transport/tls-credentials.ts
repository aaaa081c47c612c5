import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What a node needs for TLS. All are PEM texts, not names of files. */
export interface TlsOptions {
  /**
   * The node's certificate, and the certificates that lead to its CA. It may hold the key and the CAs too, as
   * AnyEvent::MP's `cert` does.
   */
  readonly cert?: string | undefined;
  /** The key of the certificate, not encrypted. Default: the one in `cert`. */
  readonly key?: string | undefined;
  /** The CAs whose certificates are accepted. Default: every certificate in `cert`. */
  readonly ca?: string | undefined;
}

/** The options of a node that say it. */
export interface CredentialOptions {
  readonly tls?: TlsOptions | undefined;
  /** One PEM text: the same as `tls: { cert }`. */
  readonly cert?: string | undefined;
}

/** A certificate and its key, PEM. */
export interface Identity {
  readonly key: string;
  /** The node's certificate first, then the others that were given with it. */
  readonly cert: string;
}

/** Checked {@link TlsOptions}. */
export interface Credentials {
  /** Without one there are no TLS connections with nodes, and no `wss://` binds. */
  readonly own: Identity | undefined;
  /** PEM, one certificate each. */
  readonly ca: readonly string[];
}

/** Credentials that have a certificate. */
export type OwnCredentials = Credentials & { readonly own: Identity };

/** Checks the option `tls`, or `cert`, which is one PEM text; throws a TypeError that says what is wrong with which. */
export function readCredentials({ tls, cert }: CredentialOptions): Credentials | undefined {
  if (tls !== undefined && cert !== undefined) {
    throw new TypeError('the options "tls" and "cert" mean the same: give one of them');
  }
  if (tls !== undefined && (typeof tls !== 'object' || tls === null)) {
    throw new TypeError('the option "tls" is no object: expected { cert, key, ca }, PEM texts');
  }
  const unknown = Object.keys(tls ?? {}).find((name) => !['cert', 'key', 'ca'].includes(name));
  if (unknown !== undefined) throw new TypeError(`the option "tls" has no "${unknown}": expected cert, key, ca`);
  if (cert !== undefined) return credentials({ cert }, 'cert');
  return tls === undefined ? undefined : credentials(tls, 'tls.cert');
}

function credentials({ cert, key, ca }: TlsOptions, name: string): Credentials {
  if (key !== undefined && cert === undefined) throw new TypeError('the option "tls.key" needs "tls.cert", its certificate');
  const given = cert === undefined ? [] : certificates(name, cert);
  return {
    own: cert === undefined ? undefined : identity(name, given, keyOf(name, cert, key)),
    ca: ca === undefined ? given : certificates('tls.ca', ca),
  };
}

/** Takes PEM texts as well as what was read of them already. */
export function readTls(tls: TlsOptions | Credentials | undefined): Credentials | undefined {
  return tls !== undefined && 'own' in tls ? tls : readCredentials({ tls });
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/** The parts of a PEM text with that kind of label. */
function blocks(name: string, text: unknown, label: RegExp): string[] {
  if (typeof text !== 'string') throw new TypeError(`the option "${name}" is no text: expected PEM`);
  return [...text.matchAll(BLOCK)].filter(([, kind = '']) => label.test(kind)).map(([block]) => `${block}\n`);
}

function certificates(name: string, text: string): string[] {
  const found = blocks(name, text, /CERTIFICATE$/);
  if (found.length === 0) {
    throw new TypeError(`the option "${name}" has no certificate: expected a PEM text, -----BEGIN CERTIFICATE----- and so on`);
  }
  for (const block of found) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new TypeError(`the option "${name}" has a certificate that can't be read: ${words(cause)}`, { cause });
    }
  }
  return found;
}

function keyOf(certName: string, cert: string, key: string | undefined): string {
  const name = key === undefined ? certName : 'tls.key';
  const [found, more] = blocks(name, key ?? cert, /PRIVATE KEY$/);
  if (found === undefined) {
    const where = key === undefined && certName !== 'cert' ? ': put it there, or into "tls.key"' : '';
    throw new TypeError(`the option "${name}" has no key: expected a PEM text, -----BEGIN PRIVATE KEY----- and so on${where}`);
  }
  if (more !== undefined) throw new TypeError(`the option "${name}" has more than one key: expected the key of the certificate`);
  return found;
}

/** Finds the certificate that belongs to the key. */
function identity(name: string, given: readonly string[], key: string): Identity {
  let secret;
  try {
    secret = createPrivateKey(key);
  } catch (cause) {
    throw new TypeError(`the key of the option "${name}" can't be read: ${words(cause)}; it must not be encrypted`, { cause });
  }
  const own = given.find((block) => new X509Certificate(block).checkPrivateKey(secret));
  if (own === undefined) throw new TypeError(`the option "${name}" has no certificate for its key`);
  return { key, cert: [own, ...given.filter((block) => block !== own)].join('') };
}

const words = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
