import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from 'node:readline';
import { Observable } from 'rxjs';

export interface Terminal {
  /** The typed lines, for one subscriber; completes at the end of the input, and at Ctrl-D and Ctrl-C. */
  readonly lines$: Observable<string>;
  /** Shows a line; what is being typed stays as it is, below it. */
  print(text: string): void;
}

/** A terminal with a prompt; none is shown where input or output is a pipe or a file. */
export function createTerminal(prompt: string): Terminal {
  const { stdin: input, stdout: output } = process;
  const terminal = input.isTTY && output.isTTY;
  let reader: Interface | undefined;

  const lines$ = new Observable<string>((subscriber) => {
    const rl = createInterface({ input, prompt, terminal, ...(terminal && { output }) });
    reader = rl;
    const stop = (): void => {
      reader = undefined;
      rl.close();
    };
    rl.on('line', (line) => {
      subscriber.next(line);
      if (terminal && reader === rl) rl.prompt();
    });
    rl.once('close', () => {
      // whatever is printed next is not to stand behind the prompt
      if (terminal) output.write('\n');
      reader = undefined;
      subscriber.complete();
    });
    rl.once('SIGINT', stop);
    if (terminal) rl.prompt();
    return () => {
      stop();
      // an open input would keep the process alive
      input.destroy();
    };
  });

  return {
    lines$,
    print(text) {
      // what others have sent must not steer this terminal
      const line = text.replace(/\p{Cc}/gu, '\u{fffd}');
      if (reader === undefined || !terminal) {
        output.write(`${line}\n`);
        return;
      }
      moveCursor(output, 0, -reader.getCursorPos().rows);
      cursorTo(output, 0);
      clearScreenDown(output);
      output.write(`${line}\n`);
      // drawn again from where the cursor is now; readline would go up by the rows that it believes to be above
      Object.assign(reader, { prevRows: 0 });
      reader.prompt(true);
    },
  };
}
