import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaggedList, type Item } from '../../../src/kernel/tagged-list.js';

describe('a tagged list', () => {
  it('has the first of all and of each tag, whatever was added and taken out', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.nat(50)), { maxLength: 100 }), (steps) => {
        const list = createTaggedList<number>();
        let model: Item<number>[] = [];
        steps.forEach(([adds, tag, choice], i) => {
          if (adds || model.length === 0) model.push(list.add(tag, i));
          else {
            const item = model[choice % model.length]!;
            list.remove(item);
            model = model.filter((other) => other !== item);
          }
          expect([list.size, list.first]).toEqual([model.length, model[0]]);
          for (const one of [0, 1, 2, 3]) {
            const same: unknown[] = [];
            for (let item = list.firstOf(one); item !== undefined; item = item.afterSame) same.push(item.value);
            expect(same).toEqual(model.filter((item) => item.tag === one).map(({ value }) => value));
          }
        });
        expect(list.clear()).toEqual(model.map(({ value }) => value));
        expect([list.size, list.first, list.firstOf(0)]).toEqual([0, undefined, undefined]);
      }),
    );
  });
});
