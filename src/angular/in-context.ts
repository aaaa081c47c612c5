import { inject, Injector, runInInjectionContext } from '@angular/core';
import type { NodeOptions } from 'rxmp';

/** The same options, but `credentials` runs in the injection context of the caller, each time that it is asked. */
export function inContext<O extends Pick<NodeOptions, 'credentials'>>(options: O): O {
  const { credentials } = options;
  if (typeof credentials !== 'function') return options;
  const injector = inject(Injector);
  return { ...options, credentials: () => runInInjectionContext(injector, credentials) };
}
