// What etcd and the watch cache are to a real API server: the newest version of each object, and a history of changes that
// watches resume from.
import type { KubeObject } from './kube-objects.ts';

export interface StoreEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Plural name of the resource. */
  readonly resource: string;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

const HISTORY_EVENTS = 5000;

export class ObjectStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #version = 1000;
  #oldest = 1000;

  get version(): number {
    return this.#version;
  }

  /** Objects are values: a change is a new object. */
  put(resource: string, object: KubeObject): void {
    const objects = this.#of(resource);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = objects.get(key);
    const stored = this.#stamped(object);
    objects.set(key, stored);
    this.#publish({ type: previous === undefined ? 'ADDED' : 'MODIFIED', resource, object: stored, previous });
  }

  delete(resource: string, object: KubeObject): void {
    const objects = this.#of(resource);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = objects.get(key);
    if (previous === undefined) return;
    objects.delete(key);
    this.#publish({ type: 'DELETED', resource, object: this.#stamped(object), previous });
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#of(resource).get(keyOf(namespace, name));
  }

  /** In the order of their keys, as etcd has them. */
  list(resource: string, namespace: string | undefined): KubeObject[] {
    const entries = [...this.#of(resource)].sort(([a], [b]) => (a < b ? -1 : 1));
    const all = entries.map(([, object]) => object);
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The changes after `version`, or undefined when they are no longer known (410 Gone). */
  since(version: number): StoreEvent[] | undefined {
    return version < this.#oldest ? undefined : this.#history.filter((event) => event.version > version);
  }

  /** Forgets the history: every earlier version is too old from now on. */
  compact(): void {
    this.#history = [];
    this.#version += 10;
    this.#oldest = this.#version;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #of(resource: string): Map<string, KubeObject> {
    const found = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, found);
    return found;
  }

  #stamped(object: KubeObject): KubeObject {
    this.#version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #publish(change: Omit<StoreEvent, 'version'>): void {
    const event = { ...change, version: this.#version };
    this.#history.push(event);
    if (this.#history.length > HISTORY_EVENTS) {
      this.#history = this.#history.slice(-HISTORY_EVENTS / 2);
      this.#oldest = this.#history[0]?.version ?? this.#version;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
