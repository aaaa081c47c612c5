/** A rule was broken. */
export class Violation extends Error {
  /** The name of the rule: `S2`, `D7`. */
  readonly rule: string;
  constructor(rule: string, text: string) {
    super(`${rule}: ${text}`);
    this.name = 'Violation';
    this.rule = rule;
  }
}

export function violated(rule: string, text: string): never {
  throw new Violation(rule, text);
}
