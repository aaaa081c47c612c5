import type { GuestsOption } from '../access/gate/types.js';
import { loadModule } from '../load-services.js';
import { moduleOf } from '../node.js';

/**
 * Loads the option `guests` of a gate: the export `guests` of a module, else `default`, or the one that is named after `#`; a promise of it is
 * as good. Rejects with a text that names the module.
 */
export async function loadGuests(text: string): Promise<GuestsOption> {
  const { module, name, exports } = await loadModule('guests', text, moduleOf);
  const wanted = name ?? ('guests' in exports ? 'guests' : 'default');
  const option = await exports[wanted];
  if (isOption(option)) return option;
  throw new Error(`guests "${text}": ${module} exports no object "${wanted}" with a function "admit", only ${Object.keys(exports).join(', ') || 'nothing'}`);
}

const isOption = (value: unknown): value is GuestsOption => typeof value === 'object' && value !== null && 'admit' in value && typeof value.admit === 'function';
