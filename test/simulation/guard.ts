/** Keeps what is thrown in callbacks of nodes, which the product must not catch, until somebody looks. */
export interface Guard {
  (task: () => void): void;
  /** Throws what was thrown first. */
  check(): void;
}

export function createGuard(): Guard {
  let failure: unknown;
  const guard = (task: () => void): void => {
    try {
      task();
    } catch (error) {
      failure ??= error;
    }
  };
  return Object.assign(guard, {
    check() {
      if (failure !== undefined) throw failure as Error;
    },
  });
}
