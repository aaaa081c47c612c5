/** The service that the tests of the command line run: a port that says its id on standard error. */
export function start(node) {
  const port = node.port();
  node.rcv(port, {
    add: (a, b, reply) => node.snd(reply, Number(a) + Number(b)),
    echo: (value, reply) => node.snd(reply, value, typeof value),
    note: (value) => process.stderr.write(`note ${JSON.stringify(value)}\n`),
    silent: () => undefined,
    die: () => {
      throw new Error('as told');
    },
    quit: () => node.kil(port),
    crash: () => setTimeout(() => { throw new Error('nobody\ncatches this'); }),
  });
  process.stderr.write(`port ${port.id}\n`);
}

/** Sends 20 MB to the port of a node that it is connected with, when that is told to it, and says so. */
export function flood(node) {
  const port = node.port();
  node.rcv(port, {
    to: (sink) => {
      for (let n = 0; n < 400; n++) node.snd(sink, 'x'.repeat(50_000));
      process.stderr.write('sent\n');
    },
  });
  node.dbReg('floods', port);
}

/** Leaves something running that would keep a process alive. */
export function linger() {
  setInterval(() => undefined, 1_000);
}

/** Fails to start. */
export function fail() {
  throw new Error('no luck');
}
