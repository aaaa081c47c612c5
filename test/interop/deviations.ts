/** Where rxmp differs from AnyEvent::MP 2.02, as the tests see it on the wire. */
export interface Deviation {
  readonly perl: string;
  readonly rxmp: string;
  readonly why: string;
}

/** The same list stands in `docs/aemp-compatibility.md`, row by row; a test compares them. */
export const deviations = {
  'cleartext-off': {
    perl: 'accepts `cleartext`, the secret itself in hex',
    rxmp: 'refuses it, unless the option `acceptCleartext` is set',
    why: 'whoever can listen, or is connected to by mistake, learns the secret',
  },
  'greeting-methods': {
    perl: 'accepts `tls_sha3_512`, `hmac_sha3_512`, `tls_anon` and `cleartext`',
    rxmp: 'accepts an own method, `rxmp_sha3_512`, and `hmac_sha3_512` where it has a secret; `tls_sha3_512` only where it has none, or with `acceptCertificate`',
    why: 'Perl ignores a name that it does not know; who has set a secret wants it to be asked for, also inside TLS',
  },
  'anonymous-off': {
    perl: 'accepts `tls_anon`, which proves nothing, inside TLS',
    rxmp: 'refuses it, unless the option `acceptAnonymous` is set; the connection then has `trusted: false`',
    why: 'who is let in may do anything',
  },
  'tls-required': {
    perl: 'goes on in clear, with `hmac_sha3_512`, where it has TLS and the other end has none',
    rxmp: 'refuses a peer without TLS where it has TLS itself, unless the option `acceptPlain` is set',
    why: 'who sets up TLS wants nobody to read or change what is sent',
  },
  'greeting-keys': {
    perl: 'greets with `provider=AE-<version>`',
    rxmp: 'greets with `provider=rxmp-<version>` and an own key `run`',
    why: '`run` is random for each run of a node and tells a restarted node from a second one (S18). A page also names its connection (`link`), and those that it has lost (`lost`), with random texts (A3). Unknown keys are ignored',
  },
  'greeting-framings': {
    perl: 'offers `cbor`, `json` and `storable` by default',
    rxmp: 'offers an own framing, `rxmp_json`, then `json` and `cbor`, never `storable`',
    why: 'Perl ignores a name that it does not know; `storable` is Perl only; JSON is faster than CBOR in JavaScript',
  },
  'nonce-equal': {
    perl: 'accepts a peer that sends our own nonce under another node id',
    rxmp: 'refuses it',
    why: 'our proof could be reflected to us',
  },
  'line-limit': {
    perl: 'accepts handshake lines of 4,097 octets, and longer ones that come in one piece',
    rxmp: 'refuses a line of more than 4,096 octets with its delimiter',
    why: 'the limit does not depend on how the line was cut on its way',
  },
  'no-proof-for-strangers': {
    perl: 'sends its proof, then refuses the protocol `aemp-foo`, or a peer without a name',
    rxmp: 'refuses before it sends its proof',
    why: 'who is refused anyway gets nothing that was made with the secret',
  },
  'duplicate-probed': {
    perl: 'refuses a second connection from a node id that is connected already',
    rxmp: 'asks the first connection for a sign of life, and refuses the second one only if there is one (S18)',
    why: 'a restarted node gets in at once, although the connection of its last run seems to be open still',
  },
  'handshake-time': {
    perl: 'waits 30 s for the end of a handshake',
    rxmp: 'waits 10 s (`limits.handshakeTime`)',
    why: 'connections that do nothing cost memory',
  },
  'json-lines': {
    perl: 'writes JSON messages without anything between them',
    rxmp: 'ends each with LF',
    why: 'readers can take lines, and Perl skips white space',
  },
  'cbor-text': {
    perl: 'writes most CBOR strings as byte strings',
    rxmp: 'writes text strings; byte strings are octets (`Uint8Array`)',
    why: 'that is what they are; Perl takes both',
  },
  'json-numbers': {
    perl: 'keeps integers of 64 bits in JSON; writes infinities and NaN as `inf` and `nan`, which is no JSON',
    rxmp: 'reads JSON numbers as doubles; sends infinities and NaN as null',
    why: 'JSON has no other numbers in JavaScript; CBOR keeps all of them',
  },
  'cbor-references': {
    perl: 'keeps references to scalars (tag 22098) and makes texts of the numbers in them',
    rxmp: 'takes the value for the reference',
    why: 'JavaScript has no references to scalars',
  },
  'can-booleans': {
    perl: 'answers `can` with the texts "1" and ""',
    rxmp: 'answers true and false',
    why: 'Perl takes both for what they mean',
  },
  'can-after-failed-call': {
    perl: 'answers `can` with yes for a name that was called once, although there is no such request',
    rxmp: 'answers no',
    why: 'there is none',
  },
  'eval-refused': {
    perl: 'evaluates `eval`',
    rxmp: 'answers with the error text "eval is refused here", and logs it',
    why: 'the text would be Perl, and running it a hole',
  },
  'spawn-init-dies': {
    perl: 'forgets a spawned port whose function dies: `no_such_port` is what a monitor hears',
    rxmp: 'kills the port with the reason: `die` and the text (S20)',
    why: 'whoever spawned it can know why it failed',
  },
  'spawn-unknown-function': {
    perl: 'forgets a spawned port whose function does not exist: `no_such_port`',
    rxmp: 'kills the port with `spawn_refused`, the name and a text (S20)',
    why: 'as above; and functions are registered, nothing is loaded by name',
  },
  'spawn-without-receivers': {
    perl: 'has no port where the function sets no receiver: `no_such_port`',
    rxmp: 'has the port, until its first message kills it (S3)',
    why: 'a port exists from `spawn` on, as one made by `port()` does',
  },
  'called-function-self': {
    perl: 'runs a function that a message names without a port (`$SELF` is undefined)',
    rxmp: 'runs it with the node port as its port',
    why: 'a registered function always gets a port',
  },
  'asks-once': {
    perl: 'sends an empty `g_slave` to its master twice, and asks it for its own addresses (`g_find`)',
    rxmp: 'sends it once, and does not ask who is there already',
    why: 'nothing comes of it',
  },
  'changes-only': {
    perl: 'sends `g_chg2` and `g_upd`, and calls the monitors of a family, also for what has not changed',
    rxmp: 'says only what has changed',
    why: 'no work for nothing, and a change is a change',
  },
  'values-typed': {
    perl: 'takes 42 and "42" for the same value: setting one over the other tells nobody',
    rxmp: 'takes them for two values',
    why: 'they are two in JavaScript',
  },
  'no-echo': {
    perl: 'may send back to a global node what it has heard from it, as `g_upd`',
    rxmp: 'tells another global node only about its own slaves',
    why: 'an echo could outlive its origin, and be passed on',
  },
  'no-ghosts': {
    perl: 'does not say that the key of a slave is gone, where a slave of another global node has that key too',
    rxmp: 'says so',
    why: 'the other node would show the value after both are gone',
  },
  'global-own-master': {
    perl: 'has a seed for its master also when it is a global node: it sends `g_slave` with its database, `g_mon1`, and updates as a slave',
    rxmp: 'is its own master as soon as it is global, and tells other global nodes all by `g_set` and `g_upd`',
    why: 'what a node has set is told in one way, so that it is never lost nor counted twice',
  },
  'winner-by-id': {
    perl: 'shows the value that was written last, where several nodes have set a key; that may differ from node to node',
    rxmp: 'shows the value of the greatest node id, among the slaves of the global node with the greatest id',
    why: 'every global node shows the same',
  },
  'can-global': {
    perl: 'answers `can` for `g_*` requests with yes where its global service runs',
    rxmp: 'answers with yes on every node',
    why: 'every node becomes global when it is asked to',
  },
  'bad-names': {
    perl: 'takes anything for a family or a key',
    rxmp: 'ends the connection for a family that is not `[A-Za-z][A-Za-z0-9_:]*`, for an empty key, and beyond `limits`',
    why: 'what one node may not set must not come in by another (S29)',
  },
  'bad-message': {
    perl: 'ignores what is no array, and after what is no JSON it drops, silently, everything that follows',
    rxmp: 'ends the connection, with the reason in the log',
    why: 'no silent holes (S2): monitors fire, and the peer connects again',
  },
  'echo-requests': {
    perl: 'leaves a silent connection to TCP',
    rxmp: 'asks a silent peer to send something, by `["", "snd", <our id>, "devnull"]`, and sends `[""]` when it has nothing to say (S16)',
    why: 'a dead, frozen or half-open peer is noticed within `monitorTimeout`',
  },
} satisfies Record<string, Deviation>;

export type DeviationId = keyof typeof deviations;
