// `kubectl draft-connect env`: the variables of a session that runs, as --detach has printed them.
import { callingShell } from '../detached/calling-shell.ts';
import { sessionMeant } from '../detached/core/choose-session.ts';
import { lostVariables, renderExports, variablesOf } from '../detached/core/variables.ts';
import { liveSessions, warn } from '../detached/live.ts';
import { print } from '../output/print.ts';
import type { Shell } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { loadEnvironment } from './load-environment.ts';

export interface EnvRequest {
  /** An ID or an app. */
  readonly name: string | undefined;
  readonly shell: Shell | undefined;
  readonly output: 'text' | 'json';
}

export async function runEnv({ name, shell, output }: EnvRequest): Promise<number> {
  const running = await liveSessions();
  const session = sessionMeant(name, name === undefined ? appOfProject() : undefined, running);
  const variables = variablesOf(session.apps);
  if (variables.length === 0) throw new UserError(`session ${session.id} has no tunnels, and so no variables`);
  for (const message of lostVariables(session.apps)) warn(`Warning: ${message}`);
  if (output === 'json') {
    print(1, `${JSON.stringify(Object.fromEntries(variables.map(({ name: key, value }) => [key, value])))}\n`);
  } else print(1, renderExports(variables, shell ?? (await callingShell())));
  return 0;
}

/** A mistake in draft.toml matters to nobody who has started the session already. */
function appOfProject(): string | undefined {
  try {
    return loadEnvironment(undefined, undefined).environment?.name;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(`Warning: ${error.message}`);
    return undefined;
  }
}
