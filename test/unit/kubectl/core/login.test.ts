import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoggedIn, isRefused, loginWords, questionMs, refusedPauseMs } from '../../../../src/kubectl/core/login.ts';

const ANSWERS: readonly (readonly [title: string, answeredMs: number | undefined, isLoggedIn: boolean])[] = [
  ['an answer just now', 50_000, true],
  ['an answer 10 s ago', 40_000, true],
  ['an answer longer ago', 39_999, false],
  ['a login that has run out', undefined, false],
];
for (const [title, answeredMs, expected] of ANSWERS) {
  test(`after ${title} kubectls ${expected ? 'start at once' : 'wait for one question'}`, () =>
    assert.equal(isLoggedIn(answeredMs, 50_000), expected));
}

const FAILURES: readonly (readonly [Parameters<typeof isRefused>[0], before: number, isRefused: boolean])[] = [
  ['unauthorized', 0, true],
  ['unauthorized', 3, true],
  ['hung', 0, true],
  ['unreachable', 0, false],
  ['unreachable', 1, true],
  ['forbidden', 1, false],
  ['not-found', 1, false],
  ['invalid', 1, false],
  ['other', 0, false],
];
for (const [failure, before, expected] of FAILURES) {
  test(`a question that failed as ${failure} after ${before} refusals ${expected ? 'is asked again' : 'lets all go'}`, () =>
    assert.equal(isRefused(failure, before), expected));
}

const WORDS: readonly (readonly [message: string, isRefused: boolean, namesPlugin: boolean])[] = [
  ['Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255', true, true],
  ['Unable to connect to the server: getting credentials: exec: executable aws not found', true, true],
  ['You must be logged in to the server (Unauthorized)', true, false],
  ['The connection to the server 127.0.0.1:6443 was refused', false, false],
  ['', false, false],
];
for (const [message, refused, namesPlugin] of WORDS) {
  test(`${JSON.stringify(message)} is ${refused ? '' : 'not '}about a login, and names ${namesPlugin ? 'a' : 'no'} plugin`, () =>
    assert.deepEqual(loginWords(message), { isRefused: refused, namesPlugin }));
}

test('a question that nobody answers may take twice as long the next time, and no longer than a timer can run', () =>
  assert.deepEqual(
    [0, 1, 2, 40].map((unanswered) => questionMs(300_000, unanswered)),
    [300_000, 600_000, 1_200_000, 2 ** 31 - 1],
  ));

test('a refused login is asked for again after 1 s, then after pauses that double up to 30 s', () =>
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 20].map(refusedPauseMs),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
  ));
