/** One way to break the product. */
export interface Mutant {
  readonly name: string;
  /** The rules that may tell: any of them. */
  readonly rules: readonly string[];
  /** Texts that a file has exactly once, and what takes their place. */
  readonly changes: readonly (readonly [file: string, before: string, after: string])[];
}

const KERNEL = 'src/kernel/kernel.ts';
const PORTS = 'src/kernel/core/ports.ts';
const PEERS = 'src/kernel/core/peers.ts';
const DIRECTORY = 'src/database/core/directory.ts';
const REPLICA = 'src/database/core/replica.ts';
const TELL_MASTER = "send(holder, { kind: 'g_upd', family, set, del, scope: 'own' });";
const RECEIVE = 'if (port !== undefined && !port.dying) queue.post(port, message);';

export const mutants: readonly Mutant[] = [
  {
    name: 'drops a message silently',
    rules: ['S1', 'S2', 'S19'],
    changes: [
      [KERNEL, '  function receive(peer: Peer,', '  let received = 0;\n  function receive(peer: Peer,'],
      [KERNEL, RECEIVE, 'if (port !== undefined && !port.dying && ++received % 10 !== 0) queue.post(port, message);'],
    ],
  },
  {
    name: 'delivers a message twice',
    rules: ['S1'],
    changes: [[KERNEL, RECEIVE, 'if (port !== undefined && !port.dying) { queue.post(port, message); queue.post(port, message); }']],
  },
  {
    name: 'swaps messages of one turn',
    rules: ['S1', 'S2', 'D7'],
    changes: [['src/transport/outbox.ts', "if (isText) text += data;", "if (isText) text = data + text;"]],
  },
  {
    name: 'delivers after death',
    rules: ['S3'],
    changes: [
      [PORTS, '    released(port.id);\n', ''],
      [KERNEL, RECEIVE, 'if (port !== undefined) queue.post(port, message);'],
      [PORTS, 'const dispatch = (port: PortRecord, message: AnyMessage): void => {\n    if (port.reason !== undefined) return;', 'const dispatch = (port: PortRecord, message: AnyMessage): void => {'],
      [PORTS, '    port.fallback = undefined;\n    port.tags', '    port.tags'],
    ],
  },
  {
    name: 'fires a monitor twice',
    rules: ['S11'],
    changes: [['src/kernel/core/remote-monitors.ts', 'if (monitors.delete(monitor)) fire(monitor, reason);', 'if (monitors.delete(monitor)) { fire(monitor, reason); fire(monitor, reason); }']],
  },
  {
    name: 'fires a monitor that was taken away',
    rules: ['S11'],
    changes: [['src/kernel/core/remote-monitors.ts', 'if (!monitors.delete(monitor) || monitors.size > 0', 'if (monitors.size > 0']],
  },
  {
    name: 'tells no monitor that a connection was lost',
    rules: ['S2', 'S13', 'S21', 'S18'],
    changes: [[PEERS, '      fireAll(taken, context.fire, reason);\n      fireAll(since, context.fire, reason);\n      forgetUnused(peer);', '      void [fireAll, since, taken];\n      forgetUnused(peer);']],
  },
  {
    name: 'tells nobody elsewhere that a port has died',
    rules: ['S13', 'S21'],
    changes: [['src/kernel/core/requests.ts', '      tell(reason);\n', '']],
  },
  {
    name: 'does not answer the monitor of a port that is not there',
    rules: ['S13', 'S21'],
    changes: [['src/kernel/core/requests.ts', '    tell(noSuchPort(id));\n', '']],
  },
  {
    name: 'kills what is linked to a port that was killed normally',
    rules: ['S12'],
    changes: [['src/kernel/monitor.ts', 'if (reason.length > 0) kernel.kil(target, reason);', 'kernel.kil(target, reason);']],
  },
  {
    name: 'tells of a lost connection only when the next one is at work',
    rules: ['S2', 'S18'],
    changes: [[PEERS, '      fireAll(taken, context.fire, reason);\n      fireAll(since, context.fire, reason);', '      env.clock.after(900, () => { fireAll(taken, context.fire, reason); });\n      fireAll(since, context.fire, reason);']],
  },
  {
    name: 'attaches a new connection before it tells that the last one was lost',
    rules: ['S18'],
    changes: [[PEERS, "          queue.later(() => {\n            step(peer, { kind: 'settled', link: effect.link });\n          });", "          step(peer, { kind: 'settled', link: effect.link });"]],
  },
  {
    name: 'applies what a new connection brings before the monitors of the last one',
    rules: ['S18'],
    changes: [[PEERS, '      fireAll(taken, context.fire, reason);\n      fireAll(since, context.fire, reason);', '      queue.later(() => { fireAll(taken, context.fire, reason); });\n      fireAll(since, context.fire, reason);']],
  },
  {
    name: 'does not notice silence',
    rules: ['S16'],
    changes: [['src/network/keepalive.ts', 'if (silent >= SILENT_LOOKS) {', 'if (silent >= 1e9) {']],
  },
  {
    name: 'tries a seed only once',
    rules: ['S22', 'D7', 'S21', 'V12'],
    changes: [['src/network/seed.ts', '    waiting = new Subscription(env.clock.after(pause, hurry));\n', '']],
  },
  {
    name: 'leaves a timer behind',
    rules: ['close'],
    changes: [['src/network/keeper.ts', 'for (const { waiting } of all.values()) waiting.unsubscribe();\n      all.clear();', 'all.clear();']],
  },
  {
    name: 'does not read on after it was busy',
    rules: ['S1', 'S2', 'S11', 'S13', 'S16', 'S18', 'S19', 'S20', 'S21', 'S22', 'D7'],
    changes: [['src/kernel/core/intake.ts', 'if (!isCongested && waiting.has(link)) resume(link);', 'if (!isCongested && waiting.has(link) && link === undefined) resume(link);']],
  },
  {
    name: 'forgets a key that was set',
    rules: ['D7', 'D6'],
    changes: [[REPLICA, TELL_MASTER, "send(holder, { kind: 'g_upd', family, set: new Map([...set].filter(([key]) => key !== 'k3')), del, scope: 'own' });"]],
  },
  {
    name: 'forgets a key that was deleted',
    rules: ['D7', 'D6'],
    changes: [[REPLICA, TELL_MASTER, "send(holder, { kind: 'g_upd', family, set, del: [], scope: 'own' });"]],
  },
  {
    name: 'keeps the keys of a node that is gone',
    rules: ['D7'],
    changes: [['src/database/core/members.ts', 'for (const origin of [known?.slave, known?.merged]) if (origin !== undefined) merge.clear(origin);', 'void known;']],
  },
  {
    name: 'echoes what another global has told',
    rules: ['D3', 'D7'],
    changes: [
      [DIRECTORY, 'if (own !== undefined && isGlobal) {', 'if (visible !== undefined && isGlobal) {'],
      [DIRECTORY, "send(nodes, { kind: 'g_upd', family, ...own, scope: 'merged' });", "send(nodes, { kind: 'g_upd', family, ...visible, scope: 'merged' });"],
    ],
  },
  {
    name: 'tells a monitor nothing of what has changed',
    rules: ['D6', 'D7'],
    changes: [[DIRECTORY, "send(watching, { kind: 'g_chg2', family, ...visible });", "send(watching, { kind: 'g_chg2', family, set: new Map(), del: [] });"]],
  },
  {
    name: 'keeps what a new master does not know',
    rules: ['D7'],
    changes: [['src/database/core/watches.ts', 'const change = store.apply(new Map(), missing);', 'const change = store.apply(new Map(), new Set());']],
  },
  {
    name: 'loses a piece of a long family',
    rules: ['D7'],
    changes: [['src/database/core/pieces.ts', "return parts.map((part, i) => ({ kind: 'g_chg1', family, content: part, more: i < parts.length - 1 }));", "return parts.map((part, i) => ({ kind: 'g_chg1' as const, family, content: part, more: i < parts.length - 1 })).filter((_, i) => i !== 1 || parts.length < 3);"]],
  },
  {
    name: 'takes what was last known for current',
    rules: ['V12'],
    changes: [[REPLICA, 'run(() => { if (source === undefined) watches.vouch(false); });', 'void run;']],
  },
  {
    name: 'takes for current what a suspended master has told',
    rules: ['V12'],
    changes: [[REPLICA, '      if (is) watches.vouch(false);', '      if (is) void watches;']],
  },
  {
    name: 'does not ask a new master what the old one has not answered',
    rules: ['S21'],
    changes: [[REPLICA, '        query.parts.length = 0;\n        ask(query.request);', '        query.parts.length = 0;']],
  },
  {
    name: 'ceases to speak for a slave as soon as it says that it is global',
    rules: ['S28'],
    changes: [[DIRECTORY, 'const vouches = [node, ...members.globals()].every(context.isRxmp);', 'const vouches = members.globals().length < 0;']],
  },
  {
    name: 'forgets a message after a break',
    rules: ['S1', 'S2', 'S19', 'D7', 'D6', 'V10'],
    changes: [['src/transport/kept.ts', 'const all = pieces.slice(head);', 'const all = pieces.slice(head + 1);']],
  },
  {
    name: 'takes a message twice after a break',
    rules: ['S1', 'D6', 'D7'],
    changes: [['src/transport/session.ts', 'if (++at <= taken) return false;', 'if (++at <= taken && message.length === 0) return false;']],
  },
  {
    name: 'goes on with a link of another run',
    rules: ['S1', 'S2', 'S18', 'D7', 'S19', 'S21', 'V11'],
    changes: [
      ['src/transport/handshake.ts', "if (resumes !== undefined && !isSameRun(peer, resumes.peer)) return fail(`${shown(peer.node)} runs anew`, 'forgotten');", ''],
      ['src/transport/handshake.ts', "if (value === undefined) return fail('the other end does not go on with the link', 'forgotten');", 'if (value === undefined) return advance(config, { ...state, proof: { method, framing, resumed: { id: link.id, taken: 0 } } }, []);'],
      ['src/network/gate.ts', "answer({ code: 'forgotten', text: `${peer.node} wants to go on with a link that is gone` });", 'answer(admit(peer));'],
      ['src/transport/kept.ts', 'if (count < from) throw', 'if (count < -1) throw'],
      ['src/transport/session.ts', '      if (isBeginning) {\n        begin(port, message);', '      if (isBeginning && message[0] !== resuming.FROM) {\n        isBeginning = false;\n        at = taken = 0;\n      }\n      if (isBeginning) {\n        begin(port, message);'],
    ],
  },
  {
    name: 'acknowledges what has not arrived yet',
    rules: ['S1', 'S2', 'S17', 'S19', 'D7'],
    changes: [['src/transport/link.ts', 'return session?.taken ?? 0;', 'return (session?.taken ?? 0) + 1;']],
  },
  {
    name: 'does not tell of what its workers have set',
    rules: ['D7'],
    changes: [['src/database/gateway.ts', 'directory.keep(node, request);', 'void directory.keep;']],
  },
];
