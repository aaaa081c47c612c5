/** Tells the network which guests are in, in families of the network itself (G4). */
export interface Roster {
  add(guest: string, entry: { readonly user: string; readonly gate: string; readonly since: number }): void;
  remove(guest: string): void;
}
