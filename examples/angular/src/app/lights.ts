import { Component, computed } from '@angular/core';
import { injectFamily } from 'rxmp/angular';
import './families';

const IN_ROW = 100;

/** A family of ten thousand keys, of which a thousand change each second. */
@Component({
  selector: 'app-lights',
  template: `
    <p class="hint">{{ lights().size }} lights, {{ lit() }} of them lit. A worker changes a thousand of them each second.</p>
    <div class="lights" aria-hidden="true">
      @for (row of rows(); track $index) {
        <p>@for (light of row; track light[0]) {<i [attr.data-level]="light[1]"></i>}</p>
      }
    </div>
  `,
})
export default class Lights {
  readonly lights = injectFamily('lights');
  readonly lit = computed(() => [...this.lights().values()].filter((level) => level > 0).length);
  /** A browser paints a row anew when one of its lights has changed, and not all that there are. */
  readonly rows = computed(() => {
    const all = [...this.lights()];
    return Array.from({ length: Math.ceil(all.length / IN_ROW) }, (_, row) => all.slice(row * IN_ROW, (row + 1) * IN_ROW));
  });
}
