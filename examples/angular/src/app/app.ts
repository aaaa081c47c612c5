import { afterNextRender, Component, inject } from '@angular/core';
import { Session } from './session';
import { Shell } from './shell';
import { SignIn } from './sign-in';

@Component({
  selector: 'app-root',
  imports: [Shell, SignIn],
  template: `
    @if (name()) {
      <app-shell />
    } @else {
      <app-sign-in [isReady]="name() === ''" />
    }
  `,
})
export class App {
  private readonly session = inject(Session);
  readonly name = this.session.name;

  constructor() {
    afterNextRender(() => { void this.session.load(); });
  }
}
