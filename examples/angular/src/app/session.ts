import { Injectable, signal } from '@angular/core';

/** Who uses this page. The session itself is in a cookie, which no script can read. */
@Injectable({ providedIn: 'root' })
export class Session {
  /** Undefined: it is not known yet; empty: nobody is signed in. */
  readonly name = signal<string | undefined>(undefined);

  async load(): Promise<void> {
    const { name = '' } = (await (await fetch('/session')).json()) as { name?: string };
    this.name.set(name);
  }

  async signIn(name: string): Promise<void> {
    await ask('POST', '/session', name);
    await this.load();
  }

  async signOut(): Promise<void> {
    await ask('DELETE', '/session');
    location.reload();
  }

  /** What lets the node of this page in, for a minute. */
  ticket(): Promise<string> {
    return ask('POST', '/ticket');
  }
}

async function ask(method: string, path: string, body?: string): Promise<string> {
  const response = await fetch(path, { method, body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
