/** What two guests may do and what they may not, step by step. */
import type { Visitor } from './visitors.js';

/** A guest does something, and what it says of that fits. */
interface Step {
  readonly who: Visitor;
  readonly does: readonly [what: string, ...args: string[]];
  readonly says: RegExp;
}

/** With the beginnings of ids, which are long so that nobody can guess them. */
const short = (text: string): string => text.replace(/(guest:.{4})[\w-]+(#\w{4})\w+/g, '$1…$2…').replace(/(\w+\/\w{4})\w+(#\w{4})\w+/g, '$1…$2…');

/** Plays the story. The result is how many steps went otherwise. */
export async function play(ada: Visitor, bob: Visitor, print: (line: string) => void): Promise<number> {
  let wrong = 0;
  const step = async ({ who, does: [what, ...args], says }: Step): Promise<string> => {
    const text = await who.tell(what, ...args);
    if (!says.test(text)) wrong++;
    print(short(`${who.user}: ${what} ${args.join(' ')}`).padEnd(50) + short(says.test(text) ? text : `${text}   <- expected ${String(says)}`));
    return text;
  };

  print('each sees its own room, and no other');
  await step({ who: ada, does: ['topic', 'red'], says: /^paint$/ });
  await step({ who: ada, does: ['topic', 'blue'], says: /^forbidden: .*: that takes read\("rooms:blue"\)$/ });
  await step({ who: bob, does: ['topic', 'blue'], says: /^the sea$/ });

  print('each writes its own presence, and nobody else\'s');
  await step({ who: bob, does: ['enter', 'bob'], says: /^done$/ });
  await step({ who: ada, does: ['enter', 'bob'], says: /^forbidden: .*: that takes write\("presence", \{ key: "bob" \}\)$/ });
  await step({ who: ada, does: ['enter', 'ada'], says: /^done$/ });
  await step({ who: ada, does: ['who', '2'], says: /^ada, bob$/ });

  print('both call the worker, which hears from the gate who they are, and neither can kill it');
  await step({ who: ada, does: ['count', 'message passing'], says: /^15 letters, for ada$/ });
  await step({ who: bob, does: ['kill'], says: /^forbidden: to kill .*, which it has not spawned$/ });

  print('to know the name of a port is not enough; to be told of it by somebody who has it is');
  const port = await step({ who: bob, does: ['here'], says: /^guest:\S+#\w+$/ });
  await step({ who: ada, does: ['hello', port, 'psst'], says: /^forbidden: .*: that takes send\("guest:\S+"\)$/ });
  await step({ who: ada, does: ['meet', 'bob'], says: /^guest:\S+#\w+$/ });
  await step({ who: ada, does: ['hello', port, 'nice to meet you'], says: /^bob has heard "nice to meet you"$/ });
  return wrong;
}
