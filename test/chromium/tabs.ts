import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { chromiumPath, FLAGS } from './chromium.js';

/** A tab of a real window: one at a time is seen, which Playwright does not let happen. */
export interface Tab {
  /** What an expression, or a function with an argument, gives in the page; it may be a promise. */
  evaluate<T>(expression: string): Promise<T>;
  call<A, T>(code: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  /** Waits until an expression is true, ms at most. */
  until(expression: string, within?: number): Promise<void>;
  /** Brings it to the front: the others are hidden. */
  front(): Promise<unknown>;
  /** As the browser does with a tab that was hidden for long, and what comes after that. */
  freeze(): Promise<unknown>;
  thaw(): Promise<unknown>;
  setOffline(is: boolean): Promise<unknown>;
  goTo(url: string): Promise<unknown>;
  close(): Promise<unknown>;
}

interface Answer {
  readonly id?: number;
  readonly result?: { readonly targetId: string; readonly sessionId: string; readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } } };
  readonly error?: { readonly message: string };
}

/** Starts a browser with tabs. */
export async function startTabs() {
  const profile = mkdtempSync(join(tmpdir(), 'rxmp-tabs-'));
  const child = spawn(chromiumPath() ?? 'chromium', [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      const [, found] = /listening on (ws:\S+)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on('message', (text: Buffer) => {
    const answer = JSON.parse(text.toString()) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  let ids = 0;
  const send = (method: string, params: object = {}, sessionId?: string): Promise<NonNullable<Answer['result']>> =>
    new Promise((resolve, reject) => {
      const id = ++ids;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (result === undefined) reject(new Error(`${method}: ${error?.message}`));
        else resolve(result);
      });
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });

  /** Opens a tab, in front, and waits until an expression is true in it. */
  const open = async (address: string, ready = 'window.rxmp !== undefined'): Promise<Tab> => {
    const { targetId } = await send('Target.createTarget', { url: address });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const own = (method: string, params: object = {}) => send(method, params, sessionId);
    await own('Network.enable');
    const evaluate = async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = await own('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result?.value as T;
    };
    const tab: Tab = {
      evaluate,
      call: (code, argument) => evaluate(`(${code.toString()})(${JSON.stringify(argument)})`),
      async until(expression, within = 10_000) {
        const end = performance.now() + within;
        while (!(await evaluate<boolean>(expression))) {
          if (performance.now() > end) throw new Error(`${expression} is not true after ${within} ms`);
          await wait(10);
        }
      },
      front: () => send('Target.activateTarget', { targetId }),
      freeze: () => own('Page.setWebLifecycleState', { state: 'frozen' }),
      thaw: () => own('Page.setWebLifecycleState', { state: 'active' }),
      setOffline: (offline) => own('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }),
      goTo: (to) => own('Page.navigate', { url: to }),
      close: () => send('Target.closeTarget', { targetId }),
    };
    await tab.until(ready);
    return tab;
  };

  return {
    open,
    async close(): Promise<void> {
      const ended = once(child, 'exit');
      // all of its processes, which write into the profile until they end
      await send('Browser.close');
      await ended;
      socket.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
