// Lines that have to wait until somebody else has done with the terminal: the last of them, however many come.

const MOST = 20;

export class HeldLines {
  #lines: string[] = [];
  #leftOut = 0;

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length <= MOST) return;
    this.#lines.shift();
    this.#leftOut += 1;
  }

  /** In the order in which they came. */
  get lines(): readonly string[] {
    return this.#leftOut === 0 ? this.#lines : [`${this.#leftOut} earlier lines are left out`, ...this.#lines];
  }
}
