import { Component, computed, input, signal } from '@angular/core';
import type { PortId } from 'rxmp';
import { callResource, injectFamily, injectKey, injectNode } from 'rxmp/angular';
import { spreadCalls } from 'rxmp/operators';
import { map, range } from 'rxjs';
import type { WorkMessage } from '../../shared/protocol';
import './families';

/** One worker: what it has answered in each of the last seconds, and a call to it. */
@Component({
  selector: 'app-worker',
  template: `
    <h2>{{ state()?.name }}</h2>
    <svg viewBox="0 0 30 10" preserveAspectRatio="none" role="img" [attr.aria-label]="total() + ' calls answered in the last 30 seconds'">
      @for (count of state()?.answered; track $index) {
        <rect [attr.x]="$index + 0.1" width="0.8" [attr.y]="10 - height(count)" [attr.height]="height(count)" />
      }
    </svg>
    <p aria-live="polite">
      @if (answer.isLoading()) { It counts … }
      @else if (answer.error()) { {{ answer.error()?.message }} }
      @else if (answer.value(); as value) { {{ value[0] }} prime numbers, in {{ value[1] }} ms }
      @else { {{ total() }} calls in 30 seconds }
    </p>
    <button (click)="calls.update(one)" [disabled]="answer.isLoading()">Call it</button>
    <button (click)="crash()">Crash it</button>
  `,
})
export class Worker {
  readonly port = input.required<PortId<WorkMessage>>();
  private readonly node = injectNode();
  readonly state = injectKey('workers', this.port);
  readonly total = computed(() => (this.state()?.answered ?? []).reduce((sum, count) => sum + count, 0));
  readonly calls = signal(0);
  readonly answer = callResource({ port: this.port, params: () => (this.calls() === 0 ? undefined : ['primes', 1_000_000 + this.calls()]), timeout: 5_000 });
  readonly one = (calls: number): number => calls + 1;

  /** 10 calls in a second fill half of the chart. */
  height(count: number): number {
    return (10 * count) / (count + 10);
  }

  crash(): void {
    this.node()?.snd(this.port(), 'crash');
  }
}

@Component({
  selector: 'app-workers',
  imports: [Worker],
  template: `
    <div class="row add">
      <button class="primary" (click)="many()" [disabled]="left() > 0">100 calls to whoever is free</button>
      <p aria-live="polite">@if (left() > 0) { {{ left() }} to go }</p>
    </div>
    <ul class="workers">
      @for (port of ports(); track port) {
        <li><app-worker [port]="port" /></li>
      } @empty {
        <li>{{ workers.status() === 'loading' ? 'We look for workers …' : 'There is no worker now.' }}</li>
      }
    </ul>
  `,
})
export default class Workers {
  private readonly node = injectNode();
  readonly workers = injectFamily('workers');
  readonly ports = computed(() => [...this.workers()].sort(([, a], [, b]) => a.name.localeCompare(b.name)).map(([port]) => port as PortId<WorkMessage>));
  readonly left = signal(0);

  /** A call whose worker crashes is made again, at another one. */
  many(): void {
    const node = this.node();
    if (node === undefined) return;
    this.left.set(100);
    range(0, 100)
      .pipe(map((n) => ['primes', 100_000 + n] as const), spreadCalls<WorkMessage>(node, node.dbMon('workers'), { perPort: 2, timeout: 10_000 }))
      .subscribe(() => { this.left.update((left) => left - 1); });
  }
}
