// Everything that must be there before a build begins: fields, files and programs. Whatever is missing is said at once.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { isOnPath } from '../processes/on-path.ts';
import { BUILDERS, type ContainerBuilder, type Environment } from '../request/core/manifest.ts';
import { UserError, usageError } from '../values/errors.ts';
import { quoted } from '../values/quote.ts';
import { type ChartFolders, chooseChart, type Template } from './core/chart.ts';
import { repositoryOf, requireReleaseName } from './core/image.ts';

export interface AppFolder {
  /** draft.toml, as messages name it. */
  readonly file: string;
  /** The folder that it lies in, an absolute path. */
  readonly path: string;
}

export interface ImagePlan {
  readonly kind: 'image';
  readonly app: string;
  readonly builder: ContainerBuilder;
  readonly repository: string;
  /** Absolute paths; the chart may be a reference that helm fetches. */
  readonly dockerfile: string;
  readonly context: string;
  readonly buildTar: string | undefined;
  readonly chart: string;
  /** As messages name it. */
  readonly chartShown: string;
  readonly push: boolean;
}

export interface CommandPlan {
  readonly kind: 'command';
  readonly app: string;
  readonly command: readonly string[];
}

export type Plan = ImagePlan | CommandPlan;

/** @throws {UserError} */
export function prepare(
  environment: Environment,
  folder: AppFolder,
  wanted: { readonly command: readonly string[] | undefined; readonly skipPush: boolean },
): Plan {
  const { name: app, unsupported, registry } = environment;
  if (app === undefined) {
    throw usageError(
      `${folder.file}: environments.${environment.environment} has no name`,
      'give it one: name = "my-app"',
    );
  }
  if (wanted.command !== undefined) return { kind: 'command', app, command: wanted.command };
  const [problem] = unsupported;
  if (problem !== undefined) throw usageError(problem);
  requireReleaseName(app, folder.file);
  const repository = repositoryOf(registry, app, folder.file);
  const chart = chooseChart(environment, chartFolders(folder.path));
  const dockerfile = dockerfileOf(environment, folder.path);
  const buildTar = environment.buildTar && resolve(folder.path, environment.buildTar);
  if (buildTar !== undefined && !isFile(buildTar)) throw new UserError(`build-tar ${quoted(buildTar)}: no such file`);
  if (!isOnPath('helm')) {
    throw new UserError('helm is not on PATH', {
      hint: 'install helm 3 or 4, or deploy with a tool of your own: kubectl draft-connect up -- COMMAND',
    });
  }
  return {
    kind: 'image',
    app,
    builder: builderOf(environment),
    repository,
    dockerfile,
    context: folder.path,
    buildTar,
    chart: chart.includes('://') ? chart : resolve(folder.path, chart),
    chartShown: chart,
    push: registry !== undefined && !wanted.skipPush,
  };
}

function dockerfileOf({ dockerfile, buildTar }: Environment, folder: string): string {
  // In build-tar it can be looked for only once that is unpacked.
  if (buildTar !== undefined) return dockerfile ?? 'Dockerfile';
  if (dockerfile !== undefined) {
    const path = resolve(folder, dockerfile);
    if (isFile(path)) return path;
    throw new UserError(`dockerfile ${quoted(dockerfile)}: there is no such file in ${folder}`);
  }
  const found = ['Dockerfile', 'Containerfile'].map((name) => join(folder, name)).find(isFile);
  if (found !== undefined) return found;
  throw new UserError(`there is no Dockerfile in ${folder}`, {
    hint: 'write one, name one with dockerfile = "PATH" in draft.toml, or deploy with: kubectl draft-connect up -- COMMAND',
  });
}

function builderOf({ containerBuilder }: Environment): ContainerBuilder {
  if (containerBuilder !== undefined) {
    if (isOnPath(containerBuilder)) return containerBuilder;
    throw new UserError(`container-builder ${containerBuilder} is not on PATH`, {
      hint: 'install it, or choose another one',
    });
  }
  const found = BUILDERS.find(isOnPath);
  if (found !== undefined) return found;
  throw new UserError(`there is no container builder on PATH: none of ${BUILDERS.join(', ')}`, {
    hint: 'install one of them, or deploy with a tool of your own: kubectl draft-connect up -- COMMAND',
  });
}

function chartFolders(folder: string): ChartFolders {
  return {
    isChart: (path) => isFile(resolve(folder, path, 'Chart.yaml')),
    isFile: (path) => isFile(resolve(folder, path)),
    names: namesIn(join(folder, 'charts')),
  };
}

/** The templates of a chart and of those inside it, as far as they can be read; paths are shown relative to `folder`. */
export function readTemplates(chart: string, folder: string): readonly Template[] {
  const names = namesIn(chart, { recursive: true }).filter((name) => name.split(sep).includes('templates'));
  return names.flatMap((name) => {
    const path = join(chart, name);
    try {
      return isFile(path) ? [{ path: relative(folder, path), text: readFileSync(path, 'utf8') }] : [];
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string, { recursive = false } = {}): readonly string[] {
  try {
    return readdirSync(folder, { encoding: 'utf8', recursive }).sort();
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
