import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Facts, type Verdict, verdictOf } from '../../../../src/tunnels/core/verdict.ts';

/** Its request was handed over, and kubectl has closed the connection without a word. */
const FACTS: Facts = {
  sent: 10,
  unanswered: 1,
  refusals: 0,
  failures: 0,
  neverTaken: 0,
  kubectl: 'runs',
  late: false,
};

const CASES: readonly (readonly [title: string, Partial<Facts>, Verdict | undefined])[] = [
  ['closed without a word: the application did it', {}, 'closed'],
  ['closed without a word while others have no answer', { unanswered: 5 }, 'closed'],
  ['closed before anything was said', { sent: 0 }, 'closed'],
  ['not accepted', { sent: undefined, kubectl: 'ended' }, 'unreached'],
  ['refused, and alone', { refusals: 1 }, 'unreached'],
  ['one refusal, and another that it may be about', { refusals: 1, unanswered: 2 }, undefined],
  [
    'one refusal, another that it may be about, and no more word',
    { refusals: 1, unanswered: 2, late: true },
    'unknown',
  ],
  ['as many refusals as it can be about', { refusals: 2, unanswered: 2 }, 'unreached'],
  ['one refusal, and nothing was said', { refusals: 1, unanswered: 2, sent: 0 }, 'unreached'],
  ['another failure: it may have been the next word', { failures: 1 }, undefined],
  ['another failure, and no more word', { failures: 1, late: true }, 'unknown'],
  ['kubectl is ending: its last words may be on their way', { kubectl: 'closing' }, undefined],
  ['kubectl is ending, and does not', { kubectl: 'closing', late: true }, 'unknown'],
  ['kubectl has ended', { kubectl: 'ended' }, 'unknown'],
  ['kubectl has ended, and nothing was said', { kubectl: 'ended', sent: 0 }, 'unreached'],
  ['kubectl has ended and never took it up', { kubectl: 'ended', neverTaken: 1 }, 'unreached'],
  ['kubectl has ended and took up one of two', { kubectl: 'ended', neverTaken: 1, unanswered: 2 }, 'unknown'],
  [
    'one was refused, the other never taken up',
    { kubectl: 'ended', neverTaken: 1, refusals: 1, unanswered: 2 },
    'unreached',
  ],
];
for (const [title, facts, expected] of CASES) {
  test(`${title}: ${expected ?? 'to be waited for'}`, () => {
    assert.equal(verdictOf({ ...FACTS, ...facts }), expected);
  });
}

test('what was handed over is never said to be unreached while a connection may have reached the application', () => {
  for (const refusals of [0, 1, 2, 3])
    for (const neverTaken of [0, 1, 2])
      for (const unanswered of [1, 2, 3, 4])
        for (const kubectl of ['runs', 'closing', 'ended'] as const)
          for (const late of [false, true]) {
            const verdict = verdictOf({ ...FACTS, refusals, neverTaken, unanswered, kubectl, late });
            if (verdict === 'unreached') assert.ok(refusals + neverTaken >= unanswered);
          }
});
