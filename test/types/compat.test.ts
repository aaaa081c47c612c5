import type { Observable } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { DatabaseFunctions, Guard, MpNode, Port, PortId } from 'rxmp';
import { grpGet, grpMon, grpReg, type GroupChange } from 'rxmp/compat';

type Work = ['work', number] | ['stop'];

// only types are looked at: nothing here runs
declare const node: MpNode;
declare const port: Port<Work>;

/** Type tests are for the compiler. */
const check = (name: string, code: () => void): void => {
  it(name, () => {
    expect(code).toBeTypeOf('function');
  });
};

describe('groups', () => {
  check('take a node, or the functions of one, first', () => {
    expectTypeOf(grpReg(node, 'workers', port)).toEqualTypeOf<Guard>();
    grpReg(node, 'workers', port.id);
    expectTypeOf(grpReg).parameter(0).toEqualTypeOf<Pick<DatabaseFunctions, 'dbReg'>>();
    // @ts-expect-error the port is missing: here there is none that registers itself
    grpReg(node, 'workers');
    // @ts-expect-error a number is no port
    grpReg(node, 'workers', 1);
    // @ts-expect-error the node is missing
    void grpGet('workers');
  });

  check('know what their ports take, if they are told', () => {
    expectTypeOf(grpGet(node, 'workers')).toEqualTypeOf<Observable<readonly PortId[] | undefined>>();
    expectTypeOf(grpGet<Work>(node, 'workers')).toEqualTypeOf<Observable<readonly PortId<Work>[] | undefined>>();
    expectTypeOf(grpMon<Work>(node, 'workers')).toEqualTypeOf<Observable<GroupChange<Work>>>();
    expectTypeOf<GroupChange<Work>['add']>().toEqualTypeOf<readonly PortId<Work>[]>();
    expectTypeOf<GroupChange['ports']>().toExtend<readonly string[]>();
    grpMon<Work>(node, 'workers').subscribe(({ ports: [first] }) => {
      if (first === undefined) return;
      node.snd(first, 'work', 1);
      // @ts-expect-error no such message
      node.snd(first, 'work', 'one');
    });
  });
});
