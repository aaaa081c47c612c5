const LOOPBACK = /^(wss?:\/\/)?(127(\.\d{1,3}){3}|\[::1\]|localhost)([:/?]|$)|^memory:/i;

/**
 * Whether only this machine, or only this process, can reach an address.
 *
 * @example isLoopback('127.0.0.1:4040'); // true
 */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}
