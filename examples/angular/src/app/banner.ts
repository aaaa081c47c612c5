import { Component, computed } from '@angular/core';
import { injectRxmpStatus } from 'rxmp/angular';

/** Says how it stands with the network, when there is something to say. */
@Component({
  selector: 'app-banner',
  template: `<p role="status" class="banner" [hidden]="!text()">{{ text() }}</p>`,
})
export class Banner {
  readonly status = injectRxmpStatus();
  readonly text = computed(() => {
    const now = this.status();
    switch (now.status) {
      case 'connected': return '';
      case 'suspended': return 'The connection broke. What you do is kept, and sent when it is back.';
      case 'connecting': return now.attempt > 1 ? 'There is no connection. What you see may be old. We go on trying.' : '';
      case 'offline': return 'You are offline. What you see may be old.';
      case 'refused': return `You are not let in: ${now.why.text}`;
      case 'failed': return `This does not work: ${String(now.error)}`;
    }
  });
}
