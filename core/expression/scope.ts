/** The names an expression may use: plain JSON values by name; a value may be computed lazily by a getter. */
export type Scope = Record<string, unknown>;
