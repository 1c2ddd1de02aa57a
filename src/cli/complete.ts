// `kubectl draft-connect __complete WORD...`: what may stand where the cursor is, for kubectl's completion and our own
// scripts. Says nothing of errors, since the line that is typed would be overwritten, and never takes long.
import { namesOf } from '../detached/core/record.ts';
import { readRecords } from '../detached/record-files.ts';
import { ask } from '../kubectl/ask.ts';
import { configArgs, namesArgs } from '../kubectl/core/kubectl-args.ts';
import { print } from '../output/print.ts';
import { type FoundPods, findPods } from '../pods/find-pods.ts';
import { makeSettings, needsManifest } from '../request/core/make-settings.ts';
import { environmentNames } from '../request/core/manifest.ts';
import type { ConnectFlags, KubectlSettings } from '../request/core/settings.ts';
import { LONG_KINDS, resourceOf, SHORT_KINDS } from '../request/core/target.ts';
import { readManifest } from '../request/manifest-file.ts';
import { listBuildLogs } from '../up/build-log.ts';
import { list, object, string } from '../values/decode.ts';
import { SHELLS } from './completion-shells.ts';
import {
  type CompletedWord,
  completedWord,
  DIRECTIVE,
  renderSuggestions,
  type Suggestion,
} from './core/completed-word.ts';
import { suggestContainers, suggestPorts } from './core/suggest-ports.ts';
import { COMMANDS, type CommandName, FLAGS, type Flag } from './flags.ts';
import { loadEnvironment, nearestManifest } from './load-environment.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { SUBCOMMANDS } from './subcommands.ts';

/** The shell stands still meanwhile, and neither it nor kubectl has a limit of its own. */
const LIMIT_MS = 1_500;

/** Always ends with status 0: after any other one the shell offers files. */
export async function runComplete(words: readonly string[]): Promise<number> {
  const word = completedWord(words, FLAGS);
  const signal = AbortSignal.timeout(LIMIT_MS);
  let suggestions: readonly Suggestion[] = [];
  try {
    suggestions = await suggest(word, signal);
  } catch {
    // There is nothing to offer.
  }
  print(1, renderSuggestions(word, suggestions));
  return DIRECTIVE.files;
}

async function suggest(word: CompletedWord, signal: AbortSignal): Promise<readonly Suggestion[]> {
  switch (word.source) {
    case 'first-word':
      return [...subcommands(word), ...(await targets(word, signal))];
    case 'targets':
      return targets(word, signal);
    case 'flags':
      return flags(word);
    case 'choices':
      return word.choices.map((value) => ({ value }));
    case 'namespaces':
      return names(kubectlOf(word), 'namespaces', signal);
    case 'contexts':
    case 'clusters':
    case 'users':
      return configNames(kubectlOf(word), word.source, signal);
    case 'environments':
      return environments(word);
    case 'containers':
      return ofApps(word, signal, ({ pods }, app) => suggestContainers(pods, app));
    case 'ports':
      return ofApps(word, signal, ({ pods, servicePorts }, app) => suggestPorts(pods, servicePorts, word.typed, app));
    case 'sessions':
      return sessions(word);
    case 'builds':
      return listBuildLogs().map(({ app, id }) => ({ value: id, description: app }));
    case 'subcommands':
      return subcommands(word);
    case 'shells':
      return [...SHELLS, 'install'].map((value) => ({ value }));
    case 'files':
    case 'folders':
    case 'nothing':
      return [];
  }
}

function subcommands({ typed }: CompletedWord): readonly Suggestion[] {
  const shown = Object.entries(SUBCOMMANDS).filter(([name]) => name !== 'ls' || typed !== '');
  return shown.map(([value, description]) => ({ value, description }));
}

function commandOf(before: readonly string[]): CommandName {
  const first = before.find((word) => !word.startsWith('-')) ?? '';
  return COMMANDS.find((name) => name === (first === 'ls' ? 'list' : first)) ?? 'connect';
}

function flags({ before, typed }: CompletedWord): readonly Suggestion[] {
  const command = commandOf(before);
  const given = (flag: Flag) =>
    flag.repeatable === undefined &&
    before.some((word) => word === `--${flag.name}` || word.startsWith(`--${flag.name}=`));
  const own = FLAGS.filter(
    (flag) => flag.hidden === undefined && flag.commands.includes(command) && flag.name.length > 1 && !given(flag),
  );
  const short = FLAGS.find((flag) => flag.commands.includes(command) && typed === `-${flag.short}`);
  if (short !== undefined) return [{ value: typed, description: short.help }];
  return own.map(({ name, help }) => ({ value: `--${name}`, description: help }));
}

/** What the words before ask for, as far as they can be read; with a target of no meaning where there is none. */
function flagsOf(before: readonly string[]): ConnectFlags {
  const parsed = parseCommandLine(before);
  if (parsed.kind === 'up') return parsed.request.flags;
  return parsed.kind === 'connect' ? parsed.flags : flagsOf([]);
}

function kubectlOf(word: CompletedWord): KubectlSettings {
  const settings = makeSettings(
    { ...flagsOf(word.before), targets: ['any'], selector: undefined },
    undefined,
    process.env,
  );
  return settings.apps[0].kubectl;
}

async function targets(word: CompletedWord, signal: AbortSignal): Promise<readonly Suggestion[]> {
  const kubectl = kubectlOf(word);
  const [kind = '', name] = word.typed.split('/');
  if (name === undefined) {
    const kinds = SHORT_KINDS.map((each) => ({ value: `${each}/` }));
    const all = [...new Set([...SHORT_KINDS, ...LONG_KINDS])].map((each) => ({ value: `${each}/` }));
    const begun = all.filter(({ value }) => word.typed !== '' && value.startsWith(word.typed));
    if (begun.length > 0) return begun;
    const given = new Set(word.before);
    return [...(await names(kubectl, 'pods', signal)).filter(({ value }) => !given.has(value)), ...kinds];
  }
  const resource = resourceOf(kind);
  if (resource === undefined) return [];
  const found = await names(kubectl, resource, signal);
  return found.map(({ value }) => ({ value: `${kind}/${value}` }));
}

async function names(kubectl: KubectlSettings, resource: string, signal: AbortSignal): Promise<readonly Suggestion[]> {
  const answer = await ask(kubectl.program, namesArgs(kubectl, resource), { timeoutMs: LIMIT_MS, signal });
  return answer.kind === 'failed' ? [] : list(string)(answer.value, '').map((value) => ({ value }));
}

async function configNames(
  kubectl: KubectlSettings,
  of: 'contexts' | 'clusters' | 'users',
  signal: AbortSignal,
): Promise<readonly Suggestion[]> {
  const answer = await ask(kubectl.program, configArgs(kubectl), { timeoutMs: LIMIT_MS, signal });
  if (answer.kind === 'failed') return [];
  const named = object((field) => ({ value: field('name', string) }));
  return object((field) => field(of, list(named)))(answer.value, '');
}

function environments(word: CompletedWord): readonly Suggestion[] {
  const path = flagsOf(word.before).file ?? nearestManifest();
  return path === undefined ? [] : environmentNames(readManifest(path)).map((value) => ({ value }));
}

/** Of all apps that the words before name; what one lacks is no matter to the others. `app`: undefined where it is the only one. */
async function ofApps(
  word: CompletedWord,
  signal: AbortSignal,
  suggestFor: (found: FoundPods, app: string | undefined) => readonly Suggestion[],
): Promise<readonly Suggestion[]> {
  const given = flagsOf(word.before);
  const { environment } = needsManifest(given)
    ? loadEnvironment(given.file, given.environment)
    : { environment: undefined };
  const { apps } = makeSettings(given, environment, process.env);
  const finding = apps.map(async ({ kubectl, target, app }) => {
    const found = await findPods(target, { first: kubectl, later: kubectl }, { timeoutMs: LIMIT_MS, signal });
    return suggestFor(found, apps.length > 1 ? app : undefined);
  });
  const suggested = await Promise.allSettled(finding);
  return suggested.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

/** An app stands for its detached sessions where they are stopped. */
function sessions({ before }: CompletedWord): readonly Suggestion[] {
  const records = readRecords(() => {});
  const byId = records.map((record) => ({ value: record.id, description: `${namesOf(record)} (${record.mode})` }));
  const named = records.filter(({ mode }) => mode === 'detached' || commandOf(before) !== 'stop');
  const apps = new Set(named.flatMap((record) => record.apps.map(({ app }) => app)));
  return [...byId, ...[...apps].map((value) => ({ value }))];
}
