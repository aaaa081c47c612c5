import { Component, inject, input, signal } from '@angular/core';
import { Session } from './session';

@Component({
  selector: 'app-sign-in',
  template: `
    <main class="sign-in">
      <h1>Board</h1>
      <p>Cards, a chat and a few workers, shared live by everybody who has this page open.</p>
      <form (submit)="signIn($event, name.value)">
        <label for="name">Your name</label>
        <div class="row">
          <input id="name" #name maxlength="30" autocomplete="nickname" required [disabled]="!isReady()">
          <button class="primary" [disabled]="!isReady()">Come in</button>
        </div>
        <p class="error" role="alert">{{ failure() }}</p>
      </form>
    </main>
  `,
})
export class SignIn {
  private readonly session = inject(Session);
  /** Until then it is not known whether somebody is signed in. */
  readonly isReady = input.required<boolean>();
  readonly failure = signal('');

  async signIn(event: Event, name: string): Promise<void> {
    event.preventDefault();
    this.failure.set('');
    await this.session.signIn(name).catch((error: unknown) => { this.failure.set((error as Error).message); });
  }
}
