// What a person sees of a session besides its logs: `Connect to` lines on stdout, status lines on stderr. While COMMAND has
// the terminal, status lines wait; in a file or pipe they do not.
import { fstatSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { type Appearance, appearanceOf, type Stream } from './core/appearance.ts';
import type { OpenTunnel, SessionEvent } from './core/events.ts';
import { HeldLines } from './core/held-lines.ts';
import { renderLink, urlsOf } from './core/links.ts';
import { connectLine, containerLabel, placesOf, statusLine, type Weight, weightOf } from './core/messages.ts';
import { ContainerNames } from './core/prefix.ts';
import { renderStatus } from './core/status-line.ts';
import { Output } from './output.ts';
import { openOutputDevice } from './output-device.ts';

/** A terminal that takes nothing for this long was stopped, with Ctrl-S. */
const STALLED_MS = 300;

/** Where tunnels and logs go is `out`, where status lines go `err`. */
export interface ScreenOptions {
  readonly output: Output;
  /** Called with the first status line: many sessions have none. */
  openNotes(): Output;
  readonly out: Appearance;
  readonly err: Appearance;
  /** Of status lines only those about what is lost for good. */
  readonly quiet: boolean;
}

/** @param fd what `output` writes to */
export function openScreen(
  output: Output,
  fd: 1 | 2,
  { color, quiet }: { readonly color: 'auto' | 'always' | 'never'; readonly quiet: boolean },
): Screen {
  const look = (stream: Stream) => appearanceOf(stream, color, process.env, process.platform);
  return new Screen({
    output,
    openNotes: () => (fd === 2 || inOneTerminal() ? output : new Output(openOutputDevice(2))),
    out: look(fd === 1 ? process.stdout : process.stderr),
    err: look({ isTTY: isatty(2) }),
    quiet,
  });
}

/** There stdout and stderr have one order, and no status line comes into another line. */
function inOneTerminal(): boolean {
  return isatty(1) && isatty(2) && fstatSync(1).rdev === fstatSync(2).rdev;
}

export class Screen {
  readonly names: ContainerNames;
  readonly #options: ScreenOptions;
  #notes: Output | undefined;
  #held: HeldLines | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.names = new ContainerNames(options.out);
  }

  tell(event: SessionEvent): void {
    if (event.kind === 'tunnel-opened') this.showTunnel(event.tunnel, event.app);
    if (event.kind === 'pod-selected')
      this.names.introduce(event.containers.map(({ name }) => containerLabel(name, event.app)));
    const weight = weightOf(event);
    const line = statusLine(event);
    if (line !== undefined && (!this.#options.quiet || weight === 'loss')) this.say(line, weight);
  }

  /** @param app where there are several */
  showTunnel(tunnel: OpenTunnel, app?: string): void {
    const urls = this.#options.out.links ? urlsOf(tunnel) : [];
    const places = placesOf(tunnel).map((place, index) => {
      const url = urls[index];
      return url === undefined ? place : renderLink(url, place);
    });
    this.#options.output.writeLine(
      connectLine(tunnel, this.names.render(containerLabel(tunnel.container, app)), places.join(', ')),
    );
  }

  /** A status line. */
  say(line: string, weight: Weight = 'news'): void {
    const rendered = renderStatus(line, weight, this.#options.err);
    if (this.#held === undefined) this.#write(rendered);
    else this.#held.add(rendered);
  }

  clear(): void {
    void this.#options.output.write(Buffer.from('\x1b[H\x1b[2J'));
  }

  /** From now on the terminal is somebody else's, until the result is called. Resolves when it has what was said before. */
  async handOver(): Promise<() => void> {
    if (!this.#options.err.terminal) return () => {};
    const held = new HeldLines();
    this.#held = held;
    await Promise.race([this.#options.output.write(new Uint8Array()), delay(STALLED_MS, undefined, { ref: false })]);
    return () => {
      this.#held = undefined;
      for (const line of held.lines) this.#write(line);
    };
  }

  async flush(limitMs: number): Promise<void> {
    await this.#notes?.flush(limitMs);
  }

  #write(line: string): void {
    this.#notes ??= this.#options.openNotes();
    this.#notes.writeLine(line);
  }
}
