/** The family in which gates tell who is in: guest → user, gate, since (G4). */
export const GUESTS = "'guests";

/** Tells the network which guests are in, in families of the network itself (G4). */
export interface Roster {
  add(guest: string, entry: { readonly user: string; readonly gate: string; readonly since: number }): void;
  remove(guest: string): void;
}
