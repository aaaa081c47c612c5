/** What the gate of the tests of `rxmp guests` lets in. */
import { read, send, spawn, write } from 'rxmp/guests';

/** Everybody is who he says. */
export const guests = {
  admit(name) {
    if (name === 'mallory') throw new Error('not you');
    return { user: name, may: [send('gate#lobby'), spawn('*'), read('rooms:*'), write('presence', { key: name })], expires: 4_102_444_800_000 };
  },
};
export const later = Promise.resolve({ admit: () => undefined });
export const nonsense = { admits: true };
export default guests;
