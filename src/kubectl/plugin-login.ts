// Lets one kubectl log in for all of a session, where a credential plugin is in use; core/login decides.

import { setTimeout as delay } from 'node:timers/promises';
import { startEarly } from '../processes/early-child.ts';
import type { KubectlSettings, Login } from '../request/core/settings.ts';
import type { Target } from '../request/core/target.ts';
import { ask } from './ask.ts';
import { firstQuestionArgs } from './core/kubectl-args.ts';
import { isLoggedIn, isRefused, loginWords, questionMs, refusedPauseMs } from './core/login.ts';

export interface PluginLoginOptions {
  readonly signal: AbortSignal;
  /** How long the plugin may wait for its user. */
  readonly timeoutMs: number;
  /** Whether the plugin may read from the terminal, if that is ours. */
  readonly terminal: boolean;
  /** Told once, until `onRestored`. */
  readonly onRefused: (reason: string) => void;
  readonly onRestored: () => void;
}

export class PluginLogin implements Login {
  readonly #options: PluginLoginOptions;
  #usesPlugin = false;
  /** The one that was answered first. */
  #question: { readonly program: string; readonly args: readonly string[] } | undefined;
  /** By `performance.now()`. */
  #answeredMs: number | undefined;
  #asking: Promise<void> | undefined;
  #lendTerminal: () => Promise<() => void> = async () => () => {};

  constructor(options: PluginLoginOptions) {
    this.#options = options;
  }

  /** The kubeconfig names a plugin. */
  usePlugin(): void {
    this.#usesPlugin = true;
  }

  /** @param lend leaves what is typed to the plugin, until its result is called */
  lendTerminal(lend: () => Promise<() => void>): void {
    this.#lendTerminal = lend;
  }

  answered(kubectl: KubectlSettings, target: Target): void {
    this.#question ??= { program: kubectl.program, args: firstQuestionArgs(kubectl, target) };
    this.#answeredMs = performance.now();
  }

  heard(message: string): boolean {
    const words = loginWords(message);
    this.#usesPlugin ||= words.namesPlugin;
    if (words.isRefused) this.#answeredMs = undefined;
    return words.isRefused && this.#usesPlugin;
  }

  pass(): Promise<void> | undefined {
    const question = this.#usesPlugin ? this.#question : undefined;
    if (question === undefined || isLoggedIn(this.#answeredMs, performance.now())) return undefined;
    this.#asking ??= this.#logIn(question.program, question.args).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #logIn(program: string, args: readonly string[]): Promise<void> {
    const { signal, timeoutMs, terminal, onRefused, onRestored } = this.#options;
    try {
      let unanswered = 0;
      for (let refusals = 0; ; ) {
        const takeBack = await this.#lendTerminal();
        signal.throwIfAborted();
        const first = startEarly(program, args, { terminal });
        const limitMs = questionMs(timeoutMs, unanswered);
        const answer = await ask(program, args, { timeoutMs: limitMs, signal, first }).finally(takeBack);
        if (answer.kind === 'answered' || !isRefused(answer.failure, refusals)) {
          this.#answeredMs = performance.now();
          if (refusals > 0) onRestored();
          return;
        }
        refusals += 1;
        if (answer.failure === 'hung') unanswered += 1;
        if (refusals === 1) onRefused(answer.error.message);
        await delay(refusedPauseMs(refusals), undefined, { signal });
      }
    } catch (error) {
      // The session ends, and who waits sees that by itself.
      if (!signal.aborted) throw error;
    }
  }
}
