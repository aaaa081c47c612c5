import { Component, computed, inject } from '@angular/core';
import { injectFamily, presence } from 'rxmp/angular';
import './families';
import { Session } from './session';

/** Who has the page open; this page is one of them for as long as it is there. */
@Component({
  selector: 'app-people',
  template: `
    <ul class="people" aria-label="Who is here">
      @for (name of names(); track name) {
        <li [title]="name">{{ name }}</li>
      }
    </ul>
  `,
})
export class People {
  private readonly name = inject(Session).name;
  readonly me = presence('people', () => ({ name: this.name()! }));
  private readonly people = injectFamily('people');
  readonly names = computed(() => [...new Set([...this.people().values()].map(({ name }) => name))].sort());
}
