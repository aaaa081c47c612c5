import { Component, inject } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { Banner } from './banner';
import { Chat } from './chat';
import { People } from './people';
import { Session } from './session';

/** What is around all pages, for who is signed in. */
@Component({
  selector: 'app-shell',
  imports: [Banner, Chat, People, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <header>
      <h1>Board</h1>
      <nav>
        <a routerLink="/" routerLinkActive="here" [routerLinkActiveOptions]="{ exact: true }" ariaCurrentWhenActive="page">Cards</a>
        <a routerLink="/workers" routerLinkActive="here" ariaCurrentWhenActive="page">Workers</a>
        <a routerLink="/lights" routerLinkActive="here" ariaCurrentWhenActive="page">Lights</a>
      </nav>
      <app-people />
      <button (click)="session.signOut()">Leave</button>
    </header>
    <app-banner />
    <div class="content">
      <main><router-outlet /></main>
      <app-chat />
    </div>
  `,
})
export class Shell {
  readonly session = inject(Session);
}
