/** What a page is told of itself and of its network. */
export type LifeEvent =
  /** The browser has a network, or has none. */
  | 'online'
  | 'offline'
  /** What could not be reached may be reached now, as whoever carries its connections says. */
  | 'reachable'
  /** People look at it again. */
  | 'visible'
  /** It stands still from now on, and may be dropped without another word; it goes on. */
  | 'freeze'
  | 'resume'
  /** It is left: for good, or kept to be shown again; it is shown again. */
  | 'hide'
  | 'show';

/** How a page is. Asleep it makes no connections. */
export interface Life {
  readonly isOnline: boolean;
  readonly isAwake: boolean;
}

/** What is to be done. */
export type Deed =
  /** What has a connection finds out whether it lives. */
  | 'probe'
  /** What waits for its next attempt makes it now. */
  | 'dial'
  /** The same, and attempts that are under way are begun anew: they were begun in another world. */
  | 'redial'
  /** Links that may go on wait for that; the others end. */
  | 'suspend'
  /** All links end, with a goodbye. */
  | 'leave';

/** A page when its node is made. */
export const BORN: Life = { isOnline: true, isAwake: true };

const ASLEEP = { isAwake: false };
const WAKES: readonly Deed[] = ['redial', 'probe'];

/** What an event means for a page (A3). Pure. */
export function live(life: Life, event: LifeEvent): { readonly life: Life; readonly deeds: readonly Deed[] } {
  const become = (change: Partial<Life>, deeds: readonly Deed[]) => ({ life: { ...life, ...change }, deeds });
  const { isAwake } = life;
  switch (event) {
    case 'online':
      return become({ isOnline: true }, isAwake ? WAKES : []);
    case 'offline':
      return become({ isOnline: false }, isAwake ? ['probe'] : []);
    case 'reachable':
      return become({}, isAwake ? ['dial'] : []);
    case 'visible':
      return become({ isAwake: true }, isAwake ? ['dial', 'probe'] : WAKES);
    case 'resume':
    case 'show':
      return become({ isAwake: true }, isAwake ? [] : WAKES);
    case 'freeze':
      return become(ASLEEP, isAwake ? ['suspend', 'redial'] : []);
    case 'hide':
      return become(ASLEEP, ['leave', 'redial']);
  }
}
