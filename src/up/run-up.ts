// One `up`: build, push and release, or a deploy command instead. Each is a stage on the screen and in the build's log.
//
//   build ──▶ push ──▶ release ──▶ done
//   command ─────────────────────▶ done        (any of them: failed, a UserError; or interrupted)
import type { Environment } from '../request/core/manifest.ts';
import { buildImage } from './build-image.ts';
import { pushCall } from './core/builder.ts';
import { type ImageNames, imageNames } from './core/image.ts';
import type { StageName } from './core/screen.ts';
import type { CommandPlan, ImagePlan } from './prepare.ts';
import { askBefore, release } from './release-chart.ts';
import { type Before, runStage, type UpRun } from './stage.ts';

export type UpOutcome =
  | {
      readonly kind: 'done';
      /** Undefined when a command deployed it. */
      readonly image: string | undefined;
      readonly left?: Before | undefined;
    }
  | { readonly kind: 'interrupted'; readonly stage: StageName; readonly pushes: boolean };

/** @throws {UserError} when a stage failed; the screen has shown it by then */
export async function runUp(up: UpRun): Promise<UpOutcome> {
  const { plan, screen, buildId } = up;
  screen.started(plan.app);
  let released: Awaited<ReturnType<typeof buildAndRelease>> | undefined;
  const at: { stage: StageName } = { stage: plan.kind === 'command' ? 'command' : 'build' };
  try {
    if (plan.kind === 'command') await runDeployCommand(up, plan);
    else released = await buildAndRelease(up, plan, at);
    return { kind: 'done', image: released?.image, left: released?.left };
  } catch (error) {
    const pushes = plan.kind === 'image' && plan.push;
    if (up.signal.aborted && error === up.signal.reason) return { kind: 'interrupted', stage: at.stage, pushes };
    throw error;
  } finally {
    screen.built({ app: plan.app, buildId, image: released?.image });
  }
}

async function runDeployCommand(up: UpRun, { command: [program = '', ...args] }: CommandPlan): Promise<void> {
  const env = { DRAFT_BUILD_ID: up.buildId };
  await runStage(up, 'command', program, ({ tool }) => tool({ program, args, env }));
}

async function buildAndRelease(up: UpRun, plan: ImagePlan, at: { stage: StageName }) {
  // While the builder works, kubectl and helm are asked what there is.
  const asking = new AbortController();
  const signal = AbortSignal.any([up.signal, asking.signal]);
  const before = up.before === undefined ? askBefore({ ...up, signal }, plan) : Promise.resolve(up.before);
  before.catch(() => {});
  try {
    return await runStages(up, plan, before, at);
  } finally {
    // Where a stage failed, nobody waits for an answer.
    asking.abort();
  }
}

async function runStages(up: UpRun, plan: ImagePlan, before: Promise<Before>, at: { stage: StageName }) {
  const { environment, buildId, screen } = up;
  const tag = await runStage(up, 'build', plan.builder, (stage) => buildImage(stage, plan, environment, buildId));
  const names: ImageNames = imageNames(plan.repository, tag, environment.customTags);
  at.stage = 'push';
  if (plan.push) {
    await runStage(up, 'push', plan.builder, async ({ tool }) => {
      // The registry may be silent for as long as a pod may take.
      for (const name of names.all) await tool(pushCall(plan.builder, name), { silenceMs: up.timeoutMs });
    });
  } else screen.warn(notPushed(environment));
  at.stage = 'release';
  const end = await runStage(up, 'release', 'helm', async (stage) => release(stage, up, plan, names, await before));
  for (const message of end.warnings) screen.warn(message);
  for (const message of end.notes) screen.note(message);
  return { image: `${names.repository}:${names.tag}`, left: end.left };
}

function notPushed({ registry, environment }: Environment): string {
  if (registry !== undefined) return 'the image is not pushed (--skip-image-push)';
  return `the image is not pushed: environments.${environment} of draft.toml names no registry`;
}
