// What an app's image is called, and the tag that its content gives it.
import { usageError } from '../../values/errors.ts';
import { quoted } from '../../values/quote.ts';

/** What both an image's repository and a helm release accept. */
const NAME = /^[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*$/;
const LONGEST_RELEASE = 53;
const REGISTRY =
  /^(?:\[[\da-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/;
/** 80 bits of the image's ID: two contents never share them. */
const TAG_LENGTH = 20;

/** @throws {UserError} for a name that no image or release can have */
export function requireReleaseName(name: string, file: string): void {
  if (NAME.test(name) && name.length <= LONGEST_RELEASE) return;
  throw usageError(
    `${file}: name ${quoted(name)} cannot be the name of an image and a release`,
    `use lower-case letters, digits, '-' and '.', at most ${LONGEST_RELEASE} in all`,
  );
}

/** `REGISTRY/NAME`, or NAME alone. */
export function repositoryOf(registry: string | undefined, name: string, file: string): string {
  if (registry === undefined) return name;
  const bare = registry.replace(/\/+$/, '');
  if (REGISTRY.test(bare)) return `${bare}/${name}`;
  const hint = registry.includes('://')
    ? 'leave out what is before the host'
    : 'for example docker.io/me or localhost:5000';
  throw usageError(`${file}: registry ${quoted(registry)} is not a host with an optional port and path`, hint);
}

/** What docker pushes to without asking for TLS. */
export function isLoopback(repository: string): boolean {
  return LOOPBACK.test(repository);
}

/** The tag for an image's ID or digest as a builder writes it; undefined for anything else. */
export function tagOf(imageId: string): string | undefined {
  return /^(?:sha256:)?([\da-f]{64})$/.exec(imageId.trim())?.[1]?.slice(0, TAG_LENGTH);
}

export type ImageNames = ReturnType<typeof imageNames>;

/** `all`: `repository:tag` of the content's tag, then of every custom one. */
export function imageNames(repository: string, tag: string, customTags: readonly string[]) {
  const tags = [...new Set([tag, ...customTags])];
  return { repository, tag, all: tags.map((each) => `${repository}:${each}`) };
}

/** What a build is called until its content has given it a tag: another build may go on at the same time. */
export function workingName(repository: string, buildId: string): string {
  return `${repository}:draft-build-${buildId}`;
}

/** The part of a registry that one logs in to. */
export function repositoryHost(registry: string | undefined): string {
  const [host = ''] = (registry ?? '').split('/');
  // docker's own rule: a name without a dot or a port is a user of Docker Hub.
  return /[.:]/.test(host) || host === 'localhost' ? host : 'docker.io';
}
