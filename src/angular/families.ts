import type { Message } from 'rxmp';

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

/**
 * What the ports in a family take, declared once like {@link Families}; `injectService` knows it then (A7).
 *
 * @example
 * ```ts
 * declare module 'rxmp/angular' {
 *   interface Services {
 *     pricing: ['quote', item: string, reply: PortId<[price: number]>];
 *   }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- applications fill it
export interface Services {}

/** The name of a family whose ports are declared. */
export type ServiceName = Extract<keyof Services, string>;

/** What the ports in a declared family take. */
export type ServiceMessage<S extends ServiceName> = Extract<Services[S], Message>;
