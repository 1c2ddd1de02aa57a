// Events as a person reads them: tunnels on stdout, everything else as one line on stderr.
import type { Appearance } from './core/appearance.ts';
import type { OpenTunnel, SessionEvent, Tell } from './core/events.ts';
import { renderLink, urlsOf } from './core/links.ts';
import { connectLine, describe, placesOf, type Weight, weightOf } from './core/messages.ts';
import type { ContainerNames } from './core/prefix.ts';

export interface TextPresenterOptions {
  writeOut(line: string): void;
  writeErr(line: string, weight: Weight): void;
  readonly names: ContainerNames;
  /** Of what `writeOut` writes to. */
  readonly appearance: Appearance;
  /** Only what goes wrong is told. */
  readonly quiet: boolean;
}

export function createTextPresenter(options: TextPresenterOptions): Tell {
  const { names, appearance, quiet } = options;
  return (event: SessionEvent) => {
    if (event.kind === 'tunnel-opened') return options.writeOut(renderTunnel(event.tunnel, names, appearance));
    if (event.kind === 'pod-selected') names.introduce(event.containers);
    const weight = weightOf(event);
    const line = describe(event);
    if (line !== undefined && (!quiet || weight === 'loss')) options.writeErr(line, weight);
  };
}

/** The line of a tunnel, where the terminal may have links in it. */
export function renderTunnel(tunnel: OpenTunnel, names: ContainerNames, { links }: Appearance): string {
  const urls = links ? urlsOf(tunnel) : [];
  const places = placesOf(tunnel).map((place, index) => {
    const url = urls[index];
    return url === undefined ? place : renderLink(url, place);
  });
  return connectLine(tunnel, names.render(tunnel.container), places.join(', '));
}
