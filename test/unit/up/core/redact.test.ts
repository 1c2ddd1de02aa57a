import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact, secretsIn } from '../../../../src/up/core/redact.ts';

const cases: readonly (readonly [
  title: string,
  args: Record<string, string>,
  set: string[],
  line: string,
  shown: string,
])[] = [
  ['a build argument', { TOKEN: 'tok-12345' }, [], 'RUN curl tok-12345!', 'RUN curl ***!'],
  ['a value of set', {}, ['db.password=pass=word'], 'key "pass=word" has no value', 'key "***" has no value'],
  ['one of several values of set', {}, ['a=1,b=hunter22'], 'b: hunter22', 'b: ***'],
  ['the last of a list of set', {}, ['a={alpha-1,beta-22}'], 'a: beta-22', 'a: ***'],
  ['a value of set with a comma', {}, ['a=x\\,secret,b=1'], 'a: x,secret', 'a: ***'],
  ['a secret that holds another', { A: 'abcdef', B: 'abcdefghi' }, [], 'abcdefghi abcdef', '*** ***'],
  ['everyday words', { A: 'true', B: '8080' }, [], 'true on 8080', 'true on 8080'],
];
for (const [title, args, set, line, shown] of cases) {
  test(`of ${title} the log shows ${shown}`, () => assert.equal(redact(line, secretsIn(args, set)), shown));
}
