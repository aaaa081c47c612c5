import { afterRenderEffect, Component, computed, DOCUMENT, inject, signal } from '@angular/core';
import { injectFamily, injectService } from 'rxmp/angular';
import { COLUMNS, type Card, type Column } from '../../shared/protocol';
import './families';

const TITLES: Readonly<Record<Column, string>> = { todo: 'To do', doing: 'Doing', done: 'Done' };

interface Shown extends Card {
  readonly id: string;
}

@Component({
  selector: 'app-board',
  template: `
    <form class="row add" (submit)="add($event, title)">
      <input #title aria-label="A new card" placeholder="A new card" maxlength="200" autocomplete="off">
      <button class="primary" [disabled]="!board()">Add</button>
    </form>
    <p id="how" class="hint">Drag cards, or move them with the arrow keys; Delete removes one.</p>
    <div class="columns" [class.old]="cards.status() === 'stale'">
      @for (column of columns(); track column.name) {
        <section [attr.aria-label]="column.title" (dragover)="$event.preventDefault()" (drop)="drop(column.name, null, $event)">
          <h2>{{ column.title }} <small>{{ column.cards.length }}</small></h2>
          <ul>
            @for (card of column.cards; track card.id) {
              <li class="card" draggable="true" tabindex="0" aria-describedby="how" [id]="card.id" [class.dragged]="dragged() === card.id"
                  (dragstart)="dragged.set(card.id)" (dragend)="dragged.set(undefined)" (drop)="drop(column.name, card.id, $event)"
                  (keydown)="press(card, $event)">
                {{ card.title }}
                <small>{{ card.by }}</small>
              </li>
            }
          </ul>
        </section>
      }
    </div>
  `,
})
export default class Board {
  readonly board = injectService('boards');
  readonly cards = injectFamily('cards');
  readonly dragged = signal<string | undefined>(undefined);
  /** A card that was moved by a key keeps the focus, wherever it comes to be. */
  private readonly moved = signal<string | undefined>(undefined);
  readonly columns = computed(() => {
    const all = [...this.cards()].map(([id, card]) => ({ id, ...card })).sort((a, b) => a.rank - b.rank);
    return COLUMNS.map((name) => ({ name, title: TITLES[name], cards: all.filter(({ column }) => column === name) }));
  });

  constructor() {
    const document = inject(DOCUMENT);
    afterRenderEffect(() => {
      this.columns();
      const id = this.moved();
      if (id !== undefined) document.getElementById(id)?.focus();
    });
  }

  add(event: Event, title: HTMLInputElement): void {
    event.preventDefault();
    if (title.value.trim() === '') return;
    this.board.cal('add', title.value.trim()).subscribe();
    title.value = '';
  }

  drop(column: Column, before: string | null, event: Event): void {
    event.preventDefault();
    event.stopPropagation();
    const card = this.dragged();
    if (card !== undefined && card !== before) this.move(card, column, before);
  }

  press(card: Shown, event: KeyboardEvent): void {
    const place = COLUMNS.indexOf(card.column);
    const { cards } = this.columns()[place]!;
    const row = cards.findIndex(({ id }) => id === card.id);
    const beside = { ArrowLeft: COLUMNS[place - 1], ArrowRight: COLUMNS[place + 1] }[event.key];
    if (beside !== undefined) this.move(card.id, beside, null);
    else if (event.key === 'ArrowUp' && row > 0) this.move(card.id, card.column, cards[row - 1]!.id);
    else if (event.key === 'ArrowDown' && row < cards.length - 1) this.move(card.id, card.column, cards[row + 2]?.id ?? null);
    else if (event.key === 'Delete') this.board.cal('remove', card.id).subscribe();
    else return;
    event.preventDefault();
    this.moved.set(card.id);
  }

  private move(card: string, column: Column, before: string | null): void {
    this.board.cal('move', card, column, before).subscribe();
  }
}
