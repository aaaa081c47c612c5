/**
 * The families of your application and what is in them, declared once; all functions of this entry know them then (A7).
 *
 * @example
 * ```ts
 * declare module 'rxmp/angular' {
 *   interface Families {
 *     rooms: { title: string; seats: number };
 *   }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- applications fill it
export interface Families {}

/** The name of a family that is declared. */
export type FamilyName = Extract<keyof Families, string>;

/** A name that is not declared: those that are have the types that they were declared with. A caller who says the type may use any. */
export type OtherFamily<N extends string> = N & (N extends FamilyName ? never : unknown);
