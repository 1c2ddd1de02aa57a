// The build stage: the image under a working name, then under the tag that its content gives it.
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureStateDirectory } from '../detached/state-dir.ts';
import type { Environment } from '../request/core/manifest.ts';
import { UserError } from '../values/errors.ts';
import { markOf, removeScratch, scratchPath } from './build-log.ts';
import { buildCall, tagCall, untagCall } from './core/builder.ts';
import { imageNames, tagOf, workingName } from './core/image.ts';
import type { ImagePlan } from './prepare.ts';
import type { Stage } from './stage.ts';

/** Resolves with the tag; everything is left under its names, and nothing else in the state directory. */
export async function buildImage(
  { tool }: Stage,
  plan: ImagePlan,
  { imageBuildArgs, customTags }: Environment,
  buildId: string,
): Promise<string> {
  const { builder, repository, buildTar } = plan;
  ensureStateDirectory('builds');
  const scratch = scratchPath(buildId);
  mkdirSync(scratch, { mode: 0o700 });
  try {
    const context = buildTar === undefined ? plan.context : join(scratch, 'context');
    if (buildTar !== undefined) {
      mkdirSync(context);
      await tool({ program: 'tar', args: ['-x', '-C', context, '-f', buildTar], env: {} });
    }
    const iidFile = join(scratch, 'iid');
    const image = workingName(repository, buildId);
    const build = {
      builder,
      image,
      dockerfile: resolve(context, plan.dockerfile),
      context,
      iidFile,
      buildArgs: imageBuildArgs,
      argsMark: Object.keys(imageBuildArgs).length === 0 ? '' : markOf(imageBuildArgs),
    };
    await tool(buildCall(build));
    const tag = readTag(iidFile);
    // podman ends with 0 when somebody asks it to end.
    if (tag === undefined) throw new UserError(`${builder} build ended without an image`, { hint: 'run up again' });
    for (const name of imageNames(repository, tag, customTags).all) await tool(tagCall(builder, image, name));
    // docker's containerd store finds no image by the ID that it reports, so that the name was needed.
    await tool(untagCall(builder, image));
    return tag;
  } finally {
    removeScratch(buildId);
  }
}

function readTag(iidFile: string): string | undefined {
  try {
    return tagOf(readFileSync(iidFile, 'utf8'));
  } catch {
    return undefined;
  }
}
