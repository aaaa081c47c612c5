import { Component, computed, ElementRef, inject, signal, viewChild, afterRenderEffect } from '@angular/core';
import { DatePipe } from '@angular/common';
import { injectFamily, injectPort, injectService, membership, presence } from 'rxmp/angular';
import type { Heard, Line } from '../../shared/protocol';
import './families';
import { Session } from './session';

@Component({
  selector: 'app-chat',
  imports: [DatePipe],
  template: `
    <aside class="chat" aria-label="Chat">
      <ol #list role="log" aria-label="What was said" tabindex="0">
        @for (line of lines(); track line.id) {
          <li><b>{{ line.who }}</b> <time>{{ line.at | date: 'HH:mm' }}</time><p>{{ line.text }}</p></li>
        } @empty {
          <li class="nothing">Nobody has said anything yet.</li>
        }
      </ol>
      <p class="typing" aria-live="polite">{{ typing() }}</p>
      <form class="row" (submit)="say($event)">
        <input aria-label="Say something" placeholder="Say something" maxlength="1000" autocomplete="off" [value]="draft()" (input)="draft.set($any($event.target).value)">
        <button class="primary" [disabled]="!joined()">Say</button>
      </form>
    </aside>
  `,
})
export class Chat {
  private readonly name = inject(Session).name;
  private readonly list = viewChild.required<ElementRef<HTMLElement>>('list');
  readonly draft = signal('');
  readonly lines = signal<readonly Line[]>([]);

  private readonly room = injectService('rooms');
  private readonly me = injectPort<Heard>({ lines: (heard) => { this.lines.update((lines) => merged(lines, heard)); } });
  readonly joined = membership(this.room, (room, node) => void node.snd(room, 'join', this.me()!.id));

  readonly writing = presence('typing', () => (this.draft() === '' ? undefined : { name: this.name()! }));
  private readonly writers = injectFamily('typing');
  readonly typing = computed(() => {
    const others = new Set([...this.writers().values()].map(({ name }) => name).filter((name) => name !== this.name()));
    return others.size === 0 ? '' : `${[...others].join(', ')} ${others.size === 1 ? 'is' : 'are'} writing`;
  });

  constructor() {
    afterRenderEffect(() => {
      this.lines();
      const { nativeElement } = this.list();
      nativeElement.scrollTop = nativeElement.scrollHeight;
    });
  }

  say(event: Event): void {
    event.preventDefault();
    const [me, text] = [this.me(), this.draft().trim()];
    if (me === undefined || text === '' || !this.room.snd('say', me.id, text)) return;
    this.draft.set('');
  }
}

/** Who joins again hears again what was said last. */
const merged = (lines: readonly Line[], heard: readonly Line[]): readonly Line[] =>
  [...new Map([...lines, ...heard].map((line) => [line.id, line])).values()].sort((a, b) => a.id - b.id);
