/** Resolves at the first SIGINT or SIGTERM, or, if wanted, when standard input ends. A second signal ends the process. */
export function stopWanted(options: { readonly untilStdinCloses: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      // an open standard input would keep the process alive
      if (options.untilStdinCloses) process.stdin.destroy();
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    if (options.untilStdinCloses) process.stdin.once('end', stop).once('error', stop).resume();
  });
}
