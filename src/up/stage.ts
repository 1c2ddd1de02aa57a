// One stage of `up`: what a tool says goes to the log and the screen, what it means when it fails into an error.
import type { Environment } from '../request/core/manifest.ts';
import { UserError } from '../values/errors.ts';
import type { BuildLog } from './build-log.ts';
import type { Call } from './core/builder.ts';
import { type Explanation, explain } from './core/explain.ts';
import { repositoryHost } from './core/image.ts';
import { redact } from './core/redact.ts';
import type { Place, Released } from './core/release.ts';
import { type StageName, type StageResult, stageLine, stageTitle } from './core/screen.ts';
import type { Workload } from './core/workload.ts';
import type { Kube } from './deployed.ts';
import type { Plan } from './prepare.ts';
import type { RunTool, ToolEnd } from './run-tool.ts';
import type { Screen } from './screen.ts';

/** What there is before a release. */
export interface Before {
  readonly released: Released | undefined;
  readonly workloads: readonly Workload[];
  readonly lacksNamespace: boolean;
}

export interface UpRun {
  readonly plan: Plan;
  readonly environment: Environment;
  readonly place: Place;
  readonly buildId: string;
  readonly timeoutMs: number;
  readonly run: RunTool;
  readonly kube: Kube;
  /** Known from the round before; else kubectl and helm are asked. */
  readonly before?: Before | undefined;
  readonly screen: Screen;
  readonly log: BuildLog;
  /** Are hidden in whatever a tool says. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** A stage's way to run a tool: what it says goes to the log and the screen. */
export interface Stage {
  /** Resolves with what the tool printed on stdout; @throws {ToolFailure} */
  tool(call: Call, options?: { readonly silenceMs?: number }): Promise<string>;
}

type FailedEnd = Exclude<ToolEnd, { kind: 'succeeded' }>;

/** A tool of a stage failed. Only `runStage` sees it. */
export class ToolFailure extends Error {
  readonly call: Call;
  readonly end: FailedEnd;
  /** What is known better than from the tool's own words. */
  readonly explanation: Explanation | undefined;

  constructor(call: Call, end: FailedEnd, explanation?: Explanation) {
    super(`${call.program} failed`);
    this.call = call;
    this.end = end;
    this.explanation = explanation;
  }
}

/** Shows the stage, keeps it in the log, and turns a tool's failure into an error that says what to do. */
export async function runStage<T>(
  up: UpRun,
  name: StageName,
  program: string,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { plan, screen, log, signal } = up;
  const view = screen.stage(plan.app, name, program);
  const title = stageTitle(plan.app, name, program);
  const hidden = (line: string) => redact(line, up.secrets);
  const beganMs = performance.now();
  const ended = (result: StageResult, lines: readonly string[]) => {
    const ms = performance.now() - beganMs;
    log.line(stageLine(title, result, ms));
    view.ended(result, ms, lines);
  };
  const tool: Stage['tool'] = async (call, options = {}) => {
    const onLine = (line: string) => {
      log.line(line);
      view.said(hidden(line));
    };
    const end = await up.run(call, { signal, onLine, ...options });
    if (end.kind === 'succeeded') return end.stdout;
    throw new ToolFailure(call, 'lines' in end ? { ...end, lines: end.lines.map(hidden) } : end);
  };
  log.line(title);
  try {
    const value = await work({ tool });
    ended('succeeded', []);
    return value;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      ended('stopped', []);
      throw error;
    }
    if (!(error instanceof ToolFailure)) {
      ended('failed', []);
      throw error;
    }
    const { end } = error;
    ended('failed', 'lines' in end ? end.lines.slice(-SHOWN_LINES).map(hidden) : []);
    throw failureOf(error, name, up);
  }
}

/** Of a failed tool; the log has all. */
const SHOWN_LINES = 15;

function failureOf({ call: { program }, end, explanation }: ToolFailure, stage: StageName, up: UpRun): UserError {
  if (explanation !== undefined) return new UserError(explanation.message, { hint: explanation.hint });
  const { plan, place, environment } = up;
  const registry = repositoryHost(environment.registry);
  switch (end.kind) {
    case 'not-started': {
      if (end.why !== undefined) return new UserError(`${program} cannot be run: ${end.why}`);
      return new UserError(`${program} not found`, { hint: 'it is looked up on PATH, not in a shell' });
    }
    case 'silent': {
      const who = stage === 'push' ? `the registry ${registry}` : 'the cluster';
      return new UserError(`${program} said nothing for too long: ${who} does not answer`, {
        hint: 'see whether it can be reached, or wait longer with --timeout',
      });
    }
    case 'failed': {
      const { message, hint } = explain({
        stage,
        program,
        lines: end.lines,
        how: end.how,
        registry,
        chart: plan.kind === 'image' ? plan.chartShown : '',
        release: plan.app,
        namespace: place.namespace,
        context: place.context,
      });
      return new UserError(message, { hint });
    }
  }
}
