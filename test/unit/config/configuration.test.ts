import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addOne, del, delOne, delProfile, set } from '../../../src/config/core/edit.js';
import { optionsOf } from '../../../src/config/core/options.js';
import { emptyRc, parseRc, textOfRc } from '../../../src/config/core/rc.js';
import { resolve } from '../../../src/config/core/resolve.js';
import { objection, words } from '../../../src/config/core/words.js';

const parse = (content: unknown) => parseRc(JSON.stringify(content), 'the file');

describe('L1: the configuration file', () => {
  it.each<[string, string]>([
    ['{"secret": "a", "profi', 'the file is not JSON'],
    ['[]', 'the file has object: expected an object { ... }'],
    ['{"profile": []}', 'the file, "profile": expected an object { ... }'],
    ['{"profile": {"a": 1}}', 'the file, profile "a": expected an object { ... }'],
    ['{"seeds": "a:1"}', 'the file: seeds is "\\"a:1\\"": expected a list of texts'],
    ['{"profile": {"a": {"monitor_timeout": -1}}}', 'the file, profile "a": monitor_timeout is "-1": expected seconds, more than 0'],
    ['{"secret": ["hush"]}', 'the file: secret is object: expected a text'],
  ])('refuses %s', (text, message) => {
    expect(() => parseRc(text, 'the file')).toThrow(message);
  });

  it('says what to do with a file that was cut in half', () => {
    expect(() => parseRc('{"seeds": ["127.0.0', 'config.json')).toThrow(/config\.json is not JSON .*: mend it, or move it away and begin anew; nothing was changed/);
  });

  it('is written back as it was but for what was asked, whatever else is in it', () => {
    const value = fc.jsonValue();
    const settings = fc.dictionary(fc.string({ minLength: 1 }).filter((name) => name !== 'profile' && !words.some((word) => word.name === name)), value, { maxKeys: 5 });
    fc.assert(fc.property(settings, fc.dictionary(fc.string(), settings, { maxKeys: 3 }), fc.constantFrom(undefined, 1, 2, 3, '\t'), fc.string(), (global, profile, indent, seed) => {
      const text = `${JSON.stringify({ ...global, profile }, undefined, indent)}\n`;
      const rc = parseRc(text, 'f');
      expect(textOfRc(rc, text)).toBe(text);
      const changed = parseRc(textOfRc(addOne(rc, undefined, 'seeds', seed), text), 'f');
      expect(textOfRc(del(changed, undefined, 'seeds'), text)).toBe(text);
    }));
  });

  it('reads and keeps what only AnyEvent::MP knows', () => {
    const text = '{"version":1,"secret":"s","profile":{"old":{"nodeid":"x/","autocork":1,"services":[["AnyEvent::MP::Global"],["Chat::start",5]]}},"aemp":{"x":null}}\n';
    expect(textOfRc(set(parseRc(text, 'f'), undefined, 'secret', 't'), text)).toBe(text.replace('"secret":"s"', '"secret":"t"'));
  });
});

describe('L1: precedence in the file', () => {
  const rc = parse({
    secret: 'of all', seeds: ['a:1'], monitor_timeout: 10,
    profile: { base: { seeds: ['b:1'], nodeid: 'base/' }, hub: { parent: 'base', binds: ['*'], nodeid: 'hub' }, lost: { parent: 'nobody' }, one: { parent: 'two' }, two: { parent: 'one' } },
  });

  it.each([
    ['hub', { nodeid: ['hub', 'hub'], binds: [['*'], 'hub'], seeds: [['b:1'], 'base'], secret: ['of all', undefined], monitor_timeout: [10, undefined] }],
    ['base', { nodeid: ['base/', 'base'], seeds: [['b:1'], 'base'], secret: ['of all', undefined], monitor_timeout: [10, undefined] }],
    ['a profile that there is none of', { seeds: [['a:1'], undefined], secret: ['of all', undefined], monitor_timeout: [10, undefined] }],
  ])('a profile over its parents over the global settings: %s', (profile, expected) => {
    const found = [...resolve(rc, profile)].map(([name, { value, from }]) => [name, [value, from.kind === 'profile' ? from.name : undefined]]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('refuses parents that are missing, or go round in a circle', () => {
    expect(() => resolve(rc, 'lost')).toThrow('the profile "lost" has the parent "nobody", which there is none of: expected "base", "hub", "lost", "one", "two"');
    expect(() => resolve(rc, 'one')).toThrow('the parents of the profile "one" go round in a circle: "one" > "two" > "one"');
  });

  it('takes null for a setting that is not there', () => {
    expect([...resolve(parse({ secret: 'x', profile: { p: { secret: null } } }), 'p')]).toEqual([['secret', { value: 'x', from: { kind: 'global' } }]]);
  });
});

describe('L2: changes', () => {
  it('begin a profile, keep the order, and forget it', () => {
    let rc = set(emptyRc, 'hub', 'binds', ['*']);
    rc = addOne(rc, 'hub', 'seeds', 'a:1');
    rc = addOne(addOne(rc, 'hub', 'seeds', 'b:1'), 'hub', 'seeds', 'a:1');
    expect(textOfRc(rc)).toBe('{\n  "profile": {\n    "hub": {\n      "binds": [\n        "*"\n      ],\n      "seeds": [\n        "a:1",\n        "b:1"\n      ]\n    }\n  }\n}\n');
    expect(delOne(rc, 'hub', 'seeds', 'a:1').profiles.get('hub')?.get('seeds')).toEqual(['b:1']);
    expect(delOne(rc, 'hub', 'services', 'x').profiles.get('hub')?.has('services')).toBe(false);
    expect(del(rc, 'hub', 'binds').profiles.get('hub')?.has('binds')).toBe(false);
    expect(delProfile(rc, 'hub').profiles.size).toBe(0);
    expect(rc.profiles.get('hub')?.get('seeds')).toEqual(['a:1', 'b:1']);
  });
});

describe('L1: settings as options of a node', () => {
  const optionsFrom = (content: unknown, warnings: string[] = []) => optionsOf(resolve(parse(content), 'p'), (text) => warnings.push(text));

  it.each<[unknown, unknown]>([
    [{ monitor_timeout: 2.5, resume_time: '30' }, { monitorTimeout: 2_500, resumeTime: 30_000 }],
    [{ cert: 'PEM' }, { cert: 'PEM', tls: undefined }],
    [{ framing_format: ['storable', 'cbor', 'json'] }, { framings: ['cbor', 'json'] }],
    [{ global: 1, relay: 0, accept_plain: '1' }, { global: true, relay: false, acceptPlain: true }],
    [{ auth_accept: ['hmac_sha3_512', 'cleartext'] }, { methods: ['rxmp_sha3_512', 'hmac_sha3_512', 'cleartext'], acceptCleartext: true }],
    [{ auth_accept: ['tls_sha3_512'], auth_offer: ['tls_sha3_512'], cert: 'PEM' }, { methods: ['tls_sha3_512'], acceptCleartext: false, acceptAnonymous: false, cert: 'PEM', tls: undefined }],
    [{ services: ['./a.js#start', ['./b.js', 'room', 7]] }, { services: ['./a.js#start', ['./b.js', 'room', 7]] }],
    [{ services: [['AnyEvent::MP::Global']] }, { services: [], global: true }],
    [{ autocork: 1, nodelay: 0, connect_interval: 2 }, {}],
  ])('%j', (content, options) => {
    expect(optionsFrom(content)).toEqual(options);
  });

  it('leaves out services written in Perl, and says so', () => {
    const warnings: string[] = [];
    expect(optionsFrom({ services: ['AnyEvent::MP::LogCatcher::catcher', './a.js'] }, warnings)).toEqual({ services: ['./a.js'] });
    expect(warnings).toEqual(['services written in Perl are not started: "AnyEvent::MP::LogCatcher::catcher"']);
  });

  it('refuses framings that rxmp has none of', () => {
    expect(() => optionsFrom({ framing_format: ['storable'] })).toThrow('framing_format is "storable": expected some of');
  });

  it('there is a check for every kind of setting', () => {
    for (const word of words) expect(objection(word, { not: 'one' }), word.name).toMatch(/^expected /);
  });
});
