/**
 * The messages of a link that can be resumed (V10), to the node port, among all others: nodes of AnyEvent::MP are never sent them.
 */
export const resuming = {
  /** First on a new connection: how many messages of the link came before those that follow. */
  FROM: 'rxmp_from',
  /** How many messages have been taken so far. */
  TAKEN: 'rxmp_taken',
  /** The sender leaves: the end of the connection is the end of the link. */
  GOODBYE: 'rxmp_goodbye',
} as const;
