/** The cases in a service worker, for the page that asks. */
import { runCases, type Ground } from './cases.js';

interface Asked {
  readonly data: Ground;
  readonly ports: readonly { postMessage(value: unknown): void }[];
  waitUntil(promise: Promise<unknown>): void;
}

(globalThis as unknown as { onmessage: (event: Asked) => void }).onmessage = (event) => {
  event.waitUntil(runCases(event.data).then((outcomes) => { event.ports[0]?.postMessage(outcomes); }));
};
