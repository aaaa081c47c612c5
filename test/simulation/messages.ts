import type { Reason } from 'rxmp';
import { isGone, isOver, type Channel, type Life, type Port, type Watch } from './model.js';
import { violated } from './violation.js';

export interface MessagesOptions {
  /** Virtual ms. */
  now(): number;
  /** Nothing may be lost: there are no faults. */
  readonly calm: boolean;
  /** There was another node of that id: ports may seem not to be there. */
  hadTwin(node: string): boolean;
  /** Nobody can connect to the node. */
  isPrivate(node: string): boolean;
}

/** Holds messages and monitors against S1, S2, S6, S11, S13 and S18. */
export function createMessages({ now, calm, hadTwin, isPrivate }: MessagesOptions) {
  const ports = new Map<string, Port>();
  const lives = new Map<string, Life>();
  const watches = new Set<Watch>();
  const counts = { sent: 0, arrived: 0, fired: 0 };

  const channelOf = (life: Life, port: Port): Channel => {
    let channel = life.channels.get(port.id);
    if (channel === undefined) life.channels.set(port.id, (channel = { sent: 0, arrived: -1, monitors: new Set() }));
    return channel;
  };

  /** What of a channel was lost, up to a message, though a monitor that should tell has not fired (S2). */
  const silentLoss = (channel: Channel, next: number): Watch | undefined => {
    if (next <= channel.arrived + 1) return undefined;
    return [...channel.monitors].find((watch) => watch.from < next);
  };

  const checkReason = ({ life, port }: Watch, reason: Reason): void => {
    if (JSON.stringify(port.dead) === JSON.stringify(reason)) return;
    const told = `${life.key} was told that ${port.id} died of ${JSON.stringify(reason)}`;
    switch (reason[0]) {
      case 'transport_error':
        if (reason[1] !== port.node) violated('S13', `${told}, which names another node`);
        // of nodes that are closing, others may be gone before them
        if (calm && life.alive && !isPrivate(port.node)) violated('S17', `${told}, but there are no faults`);
        return;
      case 'no_such_port':
        if (!isGone(port) && !hadTwin(port.node)) violated('S3', `${told}, but it lives`);
        return;
      case 'spawn_refused':
        if (!hadTwin(port.node)) violated('S20', `${told}, but its node has the function`);
        return;
      default:
        violated('S11', `${told}, but it ${port.dead === undefined ? 'lives' : `died of ${JSON.stringify(port.dead)}`}`);
    }
  };

  /** Monitors of the last life of a node fire before anything of its next one arrives (S18). */
  const checkOlder = (at: Life, sender: Life): void => {
    for (const watch of watches) {
      const { life, port, upSince = Infinity } = watch;
      if (life !== at || isOver(watch) || port.node !== sender.host || upSince >= sender.since) continue;
      violated('S18', `${at.key} got a message of ${sender.key} while it still watches ${port.id}, since before`);
    }
  };

  return {
    counts,
    born(life: Life): void {
      lives.set(life.key, life);
    },
    ended(life: Life): void {
      life.alive = false;
      for (const watch of watches) if (watch.life === life) watches.delete(watch);
    },
    made(id: string, node: string, { life, spawner }: Partial<Pick<Port, 'life' | 'spawner'>>): Port {
      if (ports.has(id)) violated('S6', `the port id ${id} was given twice`);
      const port: Port = { id, node, life, spawner, dead: undefined };
      ports.set(id, port);
      return port;
    },
    /** The number of the next message. */
    send(life: Life, port: Port): number {
      counts.sent++;
      return channelOf(life, port).sent++;
    },
    arrived(at: Life, port: Port, from: string, number: number): void {
      counts.arrived++;
      const sender = lives.get(from);
      const channel = sender?.channels.get(port.id);
      if (sender === undefined || channel === undefined || number >= channel.sent) {
        return violated('S1', `${port.id} got message ${number} of ${from}, which was never sent`);
      }
      if (!at.alive) violated('S25', `${port.id} got a message after its node had gone`);
      if (port.dead !== undefined) violated('S3', `${port.id} got message ${number} of ${from} after its death`);
      if (number <= channel.arrived) violated('S1', `${port.id} got message ${number} of ${from} after ${channel.arrived}`);
      const silent = silentLoss(channel, number);
      if (silent !== undefined) {
        violated('S2', `${port.id} got message ${number} of ${from} after ${channel.arrived}, but a monitor there, set before message ${silent.from}, has not fired`);
      }
      if (sender.number > 1) checkOlder(at, sender);
      channel.arrived = number;
    },
    /** A life is told that another node is up, or down: down, monitors, up, then messages is the order (S18). */
    told(life: Life, node: string, up: boolean): void {
      if (!life.alive) return;
      if (life.up.has(node) === up) violated('S18', `${life.key} was told twice that ${node} is ${up ? 'up' : 'down'}`);
      if (!up) {
        life.up.delete(node);
        return;
      }
      life.up.add(node);
      for (const watch of watches) {
        if (watch.life !== life || watch.port.node !== node || isOver(watch)) continue;
        if (watch.upSince !== undefined) violated('S18', `${life.key} was told that ${node} is up again, but its monitor for ${watch.port.id}, which the last connection has served, has not fired`);
        watch.upSince = now();
      }
    },
    watch(life: Life, port: Port, cancel: () => void): Watch {
      const channel = channelOf(life, port);
      const watch: Watch = {
        ...{ life, port, from: channel.sent, upSince: life.up.has(port.node) ? now() : undefined, fired: undefined, cancelled: false },
        cancel() {
          if (isOver(watch)) return;
          watch.cancelled = true;
          forget();
          cancel();
        },
      };
      const forget = (): void => {
        channel.monitors.delete(watch);
        watches.delete(watch);
      };
      channel.monitors.add(watch);
      watches.add(watch);
      return watch;
    },
    fired(watch: Watch, reason: Reason): void {
      counts.fired++;
      const told = `the monitor of ${watch.life.key} for ${watch.port.id}`;
      if (watch.cancelled) violated('S11', `${told} fired after it was taken away`);
      if (watch.fired !== undefined) violated('S11', `${told} fired twice`);
      checkReason(watch, reason);
      watch.fired = reason;
      watch.life.channels.get(watch.port.id)?.monitors.delete(watch);
      watches.delete(watch);
    },
    /** What is not yet as it has to be once all is quiet. */
    unrest(): string | undefined {
      for (const { life, port } of watches) {
        if (isGone(port)) return `S13: the monitor of ${life.key} for ${port.id}, which is gone, has not fired`;
      }
      for (const life of lives.values()) {
        if (!life.alive) continue;
        const [told, known] = [[...life.up].sort().join(), [...life.node.upNodes()].sort().join()];
        if (told !== known) return `S18: ${life.key} was told that ${told} are up, but they are ${known}`;
        for (const [id, channel] of life.channels) {
          const port = ports.get(id);
          if (port === undefined || isGone(port)) continue;
          const silent = silentLoss(channel, channel.sent);
          if (silent !== undefined) return `S2: ${life.key} has sent ${channel.sent} messages to ${id}, and ${channel.arrived + 1} is the last that arrived, but a monitor set before message ${silent.from} has not fired`;
          if (calm && !isPrivate(port.node) && channel.arrived + 1 < channel.sent) return `S1: of ${channel.sent} messages of ${life.key} to ${id} only ${channel.arrived + 1} arrived, without any fault`;
        }
      }
      return undefined;
    },
  };
}

export type Messages = ReturnType<typeof createMessages>;
