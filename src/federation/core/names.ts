/** The families in which the entries of scopes are registered begin so. */
export const SCOPE_FAMILY = 'federation:';

/** The family in which the entries of a scope are registered. */
export const familyOf = (scope: string): string => SCOPE_FAMILY + scope;
