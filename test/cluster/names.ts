// Identifiers as Kubernetes and containerd make them up.
import { randomBytes } from 'node:crypto';

/** Kubernetes' alphabet for generated names. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

export function randomName(length: number): string {
  return [...randomBytes(length)].map((byte) => SAFE[byte % SAFE.length]).join('');
}

/** A container's or sandbox's id without its scheme. */
export function randomId(): string {
  return randomBytes(32).toString('hex');
}
