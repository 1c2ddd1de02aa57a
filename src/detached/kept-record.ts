// The record of a running session, kept true on disk until its end.
import type { Place } from '../kubectl/core/place.ts';
import type { OpenTunnel, SessionEvent } from '../output/core/events.ts';
import type { UserError } from '../values/errors.ts';
import type { AppRecord, SessionMode, SessionRecord } from './core/record.ts';
import { ownIdentity } from './process-identity.ts';
import { removeRecord, writeRecord } from './record-files.ts';

/** One app, once all its tunnels work. */
export interface OpenedApp {
  readonly app: string;
  /** None any more once it is over: another program may have its local ports by then. */
  readonly tunnels: readonly OpenTunnel[];
  /** Name of the pod that is followed now. */
  readonly pod: string;
  readonly place: Place;
  /** It was over before it could be connected to: only its log is shown. */
  readonly isOver: boolean;
}

/** What a session tells about itself, from its start to its end. */
export interface RecordKeeper {
  /** @throws {UserError} when the session cannot go on without a record */
  opened(apps: readonly OpenedApp[]): Promise<void>;
  /** Takes every event from the start. */
  tell(event: SessionEvent): void;
  /** Takes the error it ends with. */
  failed(error: UserError): void;
  /** Takes the exit status; nothing is written any more. */
  ended(code: number): void;
}

export function asRecord({ app, tunnels, pod, place: { context, namespace }, isOver }: OpenedApp): AppRecord {
  return { app, pod, namespace, context, tunnels, state: isOver ? 'Ended' : 'Connected' };
}

export type KeptRecord = Awaited<ReturnType<typeof keepRecord>>;

/** @throws {UserError} when it cannot be written */
export async function keepRecord(session: {
  readonly id: string;
  readonly mode: SessionMode;
  readonly apps: readonly AppRecord[];
}) {
  let record: SessionRecord = { ...session, createdMs: Date.now(), process: await ownIdentity() };
  writeRecord(record);
  return {
    /** @throws {UserError} when it cannot be written */
    update(apps: readonly AppRecord[]): void {
      if (apps === record.apps) return;
      record = { ...record, apps };
      writeRecord(record);
    },
    remove: () => void removeRecord(record.id),
  };
}
