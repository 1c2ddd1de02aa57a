import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildLines,
  interruptedIn,
  spinnerLine,
  stageLine,
  stageTitle,
  startedLine,
} from '../../../../src/up/core/screen.ts';

test('the screen is the reference text’s', () => {
  const lines = [
    startedLine('example-go'),
    stageLine(stageTitle('example-go', 'build'), 'succeeded', 1003.8),
    stageLine(stageTitle('example-go', 'push'), 'succeeded', 6011.9),
    stageLine(stageTitle('example-go', 'release'), 'succeeded', 710.6),
    ...buildLines('example-go', '01C9HJKRQ7VZ3C4G9KBCS41BFJ'),
  ];
  assert.equal(
    lines.join('\n'),
    `Draft Up Started: 'example-go'
example-go: Building Docker Image: SUCCESS ⚓  (1.0038s)
example-go: Pushing Docker Image: SUCCESS ⚓  (6.0119s)
example-go: Releasing Application: SUCCESS ⚓  (0.7106s)
example-go: Build ID: 01C9HJKRQ7VZ3C4G9KBCS41BFJ
Inspect the logs with \`kubectl draft-connect logs 01C9HJKRQ7VZ3C4G9KBCS41BFJ\``,
  );
});

test('a stage that failed or was stopped says so, and a command is named', () => {
  assert.equal(stageLine(stageTitle('web', 'build'), 'failed', 12), 'web: Building Docker Image: FAIL ❌  (0.0120s)');
  assert.equal(stageLine(stageTitle('web', 'command', 'make'), 'stopped', 12), 'web: Running make: STOPPED  (0.0120s)');
});

const spinners: readonly (readonly [said: string, columns: number, line: string])[] = [
  ['STEP 1/2: FROM scratch', 80, '⠋ web: Building: 3s  STEP 1/2: FROM scratch'],
  ['', 80, '⠋ web: Building: 3s'],
  ['\u001b[1mbold\u001b[0m\u0007 \u001b[2Kx', 80, '⠋ web: Building: 3s  bold x'],
  ['STEP 1/2: FROM scratch', 24, '⠋ web: Building: 3s  STE'],
  ['日本語', 25, '⠋ web: Building: 3s  日本'],
];
for (const [said, columns, line] of spinners) {
  test(`the spinner shows ${JSON.stringify(said)} in ${columns} columns as one line`, () =>
    assert.equal(spinnerLine('web: Building', 3000, said, columns), line));
}

test('an interruption says what was and what was not done', () => {
  for (const stage of ['build', 'push', 'release', 'command'] as const)
    assert.match(interruptedIn(stage, true), /^interrupted: /);
  assert.match(interruptedIn('release', true), /built and pushed/);
  assert.match(interruptedIn('release', false), /built but not pushed/);
});
