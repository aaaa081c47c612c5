/** The only source of chance. Everything that has to be unpredictable or unique is made of its octets. */
export interface Random {
  /** `count` random octets. */
  octets(count: number): Uint8Array;
}

/** The platform's cryptographic generator, in Node.js and in browsers. */
export const cryptoRandom: Random = {
  octets: (count) => globalThis.crypto.getRandomValues(new Uint8Array(count)),
};

/** A number from 0 up to, not including, 1. */
export function fraction(random: Random): number {
  return new DataView(random.octets(4).buffer).getUint32(0) / 2 ** 32;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A random word of letters and digits, 5.9 bits each. */
export function word(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    // 248 is the largest multiple of 62 that an octet holds: dropping the rest keeps all letters equally likely
    for (const octet of random.octets(length - text.length)) if (octet < 248) text += LETTERS.charAt(octet % 62);
  }
  return text;
}
