// Turns kubectl's JSON (unknown) into values of a known form; what is odd is an error that names its place.
import { UserError } from './errors.ts';

/** `path` is where the value stands, e.g. `items[0].metadata.name`; '' is the whole. */
export type Decoder<T> = (value: unknown, path: string) => T;

/**
 * Reads one member of an object; absent and null are both undefined. `spec.ports` is a member of a member,
 * `status?.phase` of one that may be absent.
 */
export type ReadField = <T>(key: string, decoder: Decoder<T>) => T;

export function unexpected(path: string, expected: string, value: unknown): UserError {
  const place = path === '' ? '' : `${path}: `;
  return new UserError(`kubectl printed something unexpected: ${place}expected ${expected}, got ${typeName(value)}`, {
    hint: 'is the program that is run as kubectl really kubectl? (--kubectl, $KUBECTL_PATH)',
  });
}

/** What a JSON or TOML value is, in words. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

export const anything: Decoder<unknown> = (value) => value;

export const string: Decoder<string> = (value, path) => {
  if (typeof value !== 'string') throw unexpected(path, 'a string', value);
  return value;
};

export const integer: Decoder<number> = (value, path) => {
  if (typeof value !== 'number') throw unexpected(path, 'a number', value);
  if (!Number.isSafeInteger(value)) throw unexpected(path, 'a whole number', value);
  return value;
};

export const boolean: Decoder<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw unexpected(path, 'true or false', value);
  return value;
};

/** A whole number from `least` to `most`; `expected` says in words what that is. */
export function integerIn(least: number, most: number, expected: string): Decoder<number> {
  return (value, path) => {
    const number = integer(value, path);
    if (number < least || number > most) throw unexpected(path, expected, value);
    return number;
  };
}

/** A string that passes `test`; `expected` says in words what that is. */
export function stringThat(test: (text: string) => boolean, expected: string): Decoder<string> {
  return (value, path) => {
    const text = string(value, path);
    if (!test(text)) throw unexpected(path, expected, value);
    return text;
  };
}

export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined || value === null ? undefined : decoder(value, path));
}

/** Go leaves empty lists out or writes null: both are the empty list. */
export function list<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw unexpected(path, 'a list', value);
    return value.map((entry, index) => item(entry, `${path}[${index}]`));
  };
}

/** String to string; own members only, whatever they are called. */
export const stringMap: Decoder<Readonly<Record<string, string>>> = (value, path) => {
  if (value === undefined || value === null) return {};
  const entries = Object.entries(members(value, path));
  // fromEntries defines members, so that `__proto__` stays a key like any other
  return Object.fromEntries(entries.map(([key, entry]) => [key, string(entry, `${path}[${JSON.stringify(key)}]`)]));
};

export function object<T>(read: (field: ReadField) => T): Decoder<T> {
  return (value, path) => {
    members(value, path);
    return read((key, decoder) => readMember(value, path, key, decoder));
  };
}

function readMember<T>(value: unknown, path: string, key: string, decoder: Decoder<T>): T {
  const own = members(value, path);
  const [first = '', ...inner] = key.split('.');
  const name = first.replace('?', '');
  const member = Object.hasOwn(own, name) ? (own[name] ?? undefined) : undefined;
  const place = path === '' ? name : `${path}.${name}`;
  const isLast = inner.length === 0 || (member === undefined && first !== name);
  return isLast ? decoder(member, place) : readMember(member, place, inner.join('.'), decoder);
}

function members(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(path, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}
