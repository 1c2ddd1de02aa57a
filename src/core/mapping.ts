// LOCAL:REMOTE port mappings as written with -p and in override-ports.

/** One mapping; `local` 0 is a random free port, `remote` a number or a port's name. */
export interface Mapping {
  readonly local: number;
  readonly remote: number | string;
  /** As the user wrote it, for messages. */
  readonly text: string;
}
