/**
 * What carries values between two threads or pages (V18): a `MessagePort`, a `Worker`, the `parentPort` of `worker_threads`, a
 * worker's own global scope in browsers.
 */
export interface AttachablePort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** What is heard of a port. */
export interface Hearing {
  message(message: unknown): void;
  /** Nothing will come any more, and nothing that is sent will arrive. */
  gone(reason: string): void;
  /** Code over there has failed, which it need not die of. */
  failed(error: unknown): void;
}

/** Ports of browsers, and of Node.js where it has made them alike. */
interface TargetPort {
  addEventListener(type: string, listener: (event: object) => void): void;
  removeEventListener(type: string, listener: (event: object) => void): void;
  start?(): void;
}

/** Ports of `worker_threads`. */
interface EmitterPort {
  on(type: string, listener: (value: unknown) => void): void;
  off(type: string, listener: (value: unknown) => void): void;
}

type Listeners = Readonly<Record<string, (value: unknown) => void>>;

/** Listens to a port until the result is called. The port stays open. */
export function listenTo(port: AttachablePort, hearing: Hearing): () => void {
  const unreadable = (): void => { hearing.gone('it has sent what can not be read here'); };
  if (isEmitter(port)) {
    return withListeners((type, listener) => { port.on(type, listener); }, (type, listener) => { port.off(type, listener); }, {
      message: (message) => { hearing.message(message); },
      messageerror: unreadable,
      close: () => { hearing.gone('the port was closed'); },
      exit: (code) => { hearing.gone(`the worker has ended with code ${String(code)}`); },
      error: (error) => { hearing.failed(error); },
    });
  }
  const target = port as unknown as TargetPort;
  const stop = withListeners((type, listener) => { target.addEventListener(type, listener); }, (type, listener) => { target.removeEventListener(type, listener); }, {
    message: (event) => { hearing.message((event as { data?: unknown }).data); },
    messageerror: unreadable,
    close: () => { hearing.gone('the port was closed'); },
    error: (event) => { hearing.failed(errorOf(event)); },
  });
  target.start?.();
  return stop;
}

type Change = (type: string, listener: (value: unknown) => void) => void;

function withListeners(add: Change, remove: Change, listeners: Listeners): () => void {
  for (const [type, listener] of Object.entries(listeners)) add(type, listener);
  return () => {
    for (const [type, listener] of Object.entries(listeners)) remove(type, listener);
  };
}

/** Whether a port tells that its other end is gone, whyever: those of Node.js do. */
export const tellsItsEnd = (port: AttachablePort): boolean => isEmitter(port);

const isEmitter = (port: object): port is AttachablePort & EmitterPort => 'on' in port && typeof port.on === 'function' && 'off' in port;

/** What a browser tells of an error in a worker; of a file that can't be loaded it tells nothing. */
function errorOf(event: unknown): unknown {
  const { error, message } = event as { error?: unknown; message?: unknown };
  return error ?? new Error(typeof message === 'string' ? message : 'its file could not be loaded');
}

/** Throws TypeError for what is no port. */
export function checkPort(port: unknown): AttachablePort {
  const isPort = typeof port === 'object' && port !== null && 'postMessage' in port && typeof port.postMessage === 'function';
  if (isPort && (isEmitter(port) || 'addEventListener' in port)) return port as AttachablePort;
  throw new TypeError(`${port === null ? 'null' : typeof port} can't be attached: expected a MessagePort, a Worker, or 'parent'`);
}
