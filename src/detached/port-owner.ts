// Which session of this user has a local port.
import { namesOf } from './core/record.ts';
import { sessionsBeside } from './live.ts';

/** @param hasOne whether the port is taken on one of the addresses that a session listens on */
export async function ownerOf(
  port: number,
  hasOne: (addresses: readonly string[]) => boolean,
): Promise<{ readonly id: string; readonly apps: string } | undefined> {
  const sessions = await sessionsBeside();
  const owner = sessions.find(({ apps }) =>
    apps.some(({ tunnels }) => tunnels.some(({ localPort, addresses }) => localPort === port && hasOne(addresses))),
  );
  return owner && { id: owner.id, apps: namesOf(owner) };
}
