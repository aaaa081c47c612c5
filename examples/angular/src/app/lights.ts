import { Component, computed } from '@angular/core';
import { injectFamily } from 'rxmp/angular';
import './families';

/** A family of ten thousand keys, of which a thousand change each second. */
@Component({
  selector: 'app-lights',
  template: `
    <p class="hint">{{ lights().size }} lights, {{ lit() }} of them lit. A worker changes a thousand of them each second.</p>
    <div class="lights" aria-hidden="true">
      @for (light of lights(); track light[0]) {
        <i [attr.data-level]="light[1]"></i>
      }
    </div>
  `,
})
export default class Lights {
  readonly lights = injectFamily('lights');
  readonly lit = computed(() => [...this.lights().values()].filter((level) => level > 0).length);
}
