import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CompletedWord,
  completedWord,
  renderSuggestions,
  type Suggestion,
} from '../../../../src/cli/core/completed-word.ts';
import { FLAGS } from '../../../../src/cli/flags.ts';

describe('what may stand where the cursor is', () => {
  const cases: readonly (readonly [line: string, source: string, typed: string, lead?: string])[] = [
    ['', 'first-word', ''],
    ['li', 'first-word', 'li'],
    ['deploy/we', 'first-word', 'deploy/we'],
    ['-n shop deploy/', 'first-word', 'deploy/'],
    ['deploy/web ', 'targets', ''],
    ['-', 'flags', '-'],
    ['deploy/web --ta', 'flags', '--ta'],
    ['-n', 'flags', '-n'],
    ['-n ', 'namespaces', ''],
    ['--namespace ku', 'namespaces', 'ku'],
    ['--namespace=ku', 'namespaces', 'ku'],
    ['-n=ku', 'namespaces', 'ku'],
    ['-nku', 'namespaces', 'ku', '-n'],
    ['--context ', 'contexts', ''],
    ['-e dev', 'environments', 'dev'],
    ['-f ', 'files', ''],
    ['--cache-dir ', 'folders', ''],
    ['web -c ', 'containers', ''],
    ['web -c go,mu', 'containers', 'mu', 'go,'],
    ['web -cgo,mu', 'containers', 'mu', '-cgo,'],
    ['web -p 8080:', 'ports', '8080:'],
    ['web -p 1:1,2', 'ports', '2', '1:1,'],
    ['-o ', 'choices', ''],
    ['--tail ', 'nothing', ''],
    ['--tail=', 'nothing', ''],
    ['--no-such ', 'first-word', ''],
    ['--no-such=x', 'nothing', 'x'],
    ['--dry-run ', 'first-word', ''],
    ['web -- np', 'files', 'np'],
    ['list ', 'nothing', ''],
    ['stop a ', 'sessions', ''],
    ['env ', 'sessions', ''],
    ['env a ', 'nothing', ''],
    ['logs ', 'builds', ''],
    ['up ', 'folders', ''],
    ['up . ', 'nothing', ''],
    ['completion ', 'shells', ''],
    ['help ', 'subcommands', ''],
    // A pod of that name: no property of every object.
    ['constructor ', 'targets', ''],
  ];
  for (const [line, source, typed, lead = ''] of cases) {
    test(`'${line}': ${source}`, () => {
      const word = completedWord(line.split(' '), FLAGS);
      assert.deepEqual([word.source, word.typed, word.lead], [source, typed, lead]);
    });
  }

  test('a flag whose value is completed is not among the words before it', () => {
    assert.deepEqual(completedWord(['-v', '6', 'web', '-n', ''], FLAGS).before, ['-v', '6', 'web']);
    assert.deepEqual(completedWord(['web', '--namespace='], FLAGS).before, ['web']);
  });
});

describe('what the shell is told', () => {
  const word = (more: Partial<CompletedWord>): CompletedWord => {
    return { source: 'targets', typed: '', lead: '', choices: [], before: [], ...more };
  };
  const cases: readonly (readonly [
    title: string,
    word: Partial<CompletedWord>,
    suggestions: readonly Suggestion[],
    text: string,
  ])[] = [
    ['nothing, and no files either', {}, [], ':4\n'],
    ['files', { source: 'files' }, [], ':0\n'],
    ['folders', { source: 'folders' }, [], ':16\n'],
    ['what begins as typed', { typed: 'b' }, [{ value: 'a' }, { value: 'bc' }], 'bc\n:4\n'],
    ['a description', {}, [{ value: 'a', description: 'what it is' }], 'a\twhat it is\n:4\n'],
    ['the whole word', { lead: 'go,' }, [{ value: 'multi-port' }], 'go,multi-port\n:4\n'],
    ['that more is to come', { typed: 'dep' }, [{ value: 'deploy/' }], 'deploy/\n:6\n'],
    ['one line each', {}, [{ value: 'a', description: 'b\nc' }], 'a\tb c\n:4\n'],
  ];
  for (const [title, given, suggestions, text] of cases) {
    test(title, () => assert.equal(renderSuggestions(word(given), suggestions), text));
  }
});
