// The push stage: every name of the image, one after another.
import { pushCall } from './core/builder.ts';
import type { ImageNames } from './core/image.ts';
import type { ImagePlan } from './prepare.ts';
import type { Stage } from './stage.ts';

/** @param silenceMs how long the registry may not answer */
export async function pushImage({ tool }: Stage, plan: ImagePlan, names: ImageNames, silenceMs: number): Promise<void> {
  for (const name of names.all) await tool(pushCall(plan.builder, name), { silenceMs });
}
