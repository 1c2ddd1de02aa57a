// How each container builder is called. Values stand in `--flag=value` form or behind `--`, so that none is an option.
import type { ContainerBuilder } from '../../request/core/manifest.ts';
import { isLoopback } from './image.ts';

/** One call of a tool. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Build {
  readonly builder: ContainerBuilder;
  /** The name that the image gets. */
  readonly image: string;
  /** Absolute paths. */
  readonly dockerfile: string;
  readonly context: string;
  readonly iidFile: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Stands for the build arguments; the same for the same ones. */
  readonly argsMark: string;
}

/** podman's and buildah's caches overlook a changed build argument that only an ENV or LABEL uses; a label they see. */
const ARGS_LABEL = 'draft.build-args';

/** A variable of one of these names would change what the builder itself does. */
const OF_THE_BUILDER =
  /^(?:PATH|HOME|USER|SHELL|TERM|LANG|TMPDIR|NODE|KUBE\w*|REGISTRY_AUTH_FILE|(?:https?|no|all|ftp)_proxy|(?:LC|LD|DYLD|DOCKER|BUILDX|BUILDKIT|BUILDAH|CONTAINER|CONTAINERS|CONTAINERD|NERDCTL|PODMAN|STORAGE|XDG|GO|SSL|SSH|CNI|DRAFT|GIT)(?:_\w*)?|GO[A-Z]+)$/i;

export function buildCall(build: Build): Call {
  const { builder, buildArgs } = build;
  const daemonless = builder === 'podman' || builder === 'buildah';
  const env: Record<string, string | undefined> = {};
  const flags = Object.entries(buildArgs).map(([name, value]) => {
    if (OF_THE_BUILDER.test(name) || !/^\w+$/.test(name)) return `--build-arg=${name}=${value}`;
    // Taken from the environment, a secret is in no list of processes.
    env[name] = value;
    return `--build-arg=${name}`;
  });
  // Attestations hold the time: an unchanged image would get another digest.
  if (builder === 'docker') env['BUILDX_NO_DEFAULT_ATTESTATIONS'] = '1';
  const marked = daemonless && flags.length > 0;
  return {
    program: builder,
    args: [
      'build',
      // buildah has no cache without the one, and keeps the container of a failed build without the other.
      ...(daemonless ? ['--layers=true', '--force-rm=true'] : []),
      `--file=${build.dockerfile}`,
      ...flags,
      ...(marked ? [`--label=${ARGS_LABEL}=${build.argsMark}`] : []),
      `--tag=${build.image}`,
      `--iidfile=${build.iidFile}`,
      '--',
      build.context,
    ],
    env,
  };
}

export function tagCall(builder: ContainerBuilder, from: string, to: string): Call {
  return { program: builder, args: ['tag', '--', from, to], env: {} };
}

/** Takes a name from an image that has another one. */
export function untagCall(builder: ContainerBuilder, name: string): Call {
  return { program: builder, args: ['rmi', '--', name], env: {} };
}

/** One name a call: of two, podman and buildah take the second for the place to push to. */
export function pushCall(builder: ContainerBuilder, name: string): Call {
  const daemonless = builder === 'podman' || builder === 'buildah';
  // As docker and nerdctl have it by themselves.
  const plain = daemonless && isLoopback(name) ? ['--tls-verify=false'] : [];
  return { program: builder, args: ['push', ...plain, '--', name], env: {} };
}
