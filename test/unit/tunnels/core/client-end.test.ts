import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientEnd, type EndMeaning, meaningOfEnd } from '../../../../src/tunnels/core/client-end.ts';

const ASKED: ClientEnd = { attached: true, saidSomething: true, answered: false, stays: true };

const CASES: readonly (readonly [title: string, Partial<ClientEnd>, EndMeaning])[] = [
  ['has asked and stays for the answer', {}, 'hold-back'],
  ['has asked and is gone', { stays: false }, 'pass-on'],
  ['has said nothing', { saidSomething: false }, 'pass-on'],
  ['has said nothing and is gone', { saidSomething: false, stays: false }, 'pass-on'],
  ['has had its answer', { answered: true }, 'pass-on'],
  ['waits, and stays', { attached: false }, 'hold-back'],
  ['waits for the server to speak, and stays', { attached: false, saidSomething: false }, 'hold-back'],
  ['waits, and is gone', { attached: false, stays: false }, 'leave'],
];
for (const [title, changes, expected] of CASES) {
  test(`the end of a client that ${title}: ${expected}`, () => {
    assert.equal(meaningOfEnd({ ...ASKED, ...changes }), expected);
  });
}
