/** What a guest shows: a text, or a function that gives one each time that it is needed. */
export type CredentialsOption = string | (() => string | Promise<string>);

/** A node that is a guest. */
export interface GuestConfig {
  /** Its id is made of it. */
  readonly key: string;
  readonly credentials: CredentialsOption;
}
