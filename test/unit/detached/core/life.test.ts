import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Found, type Life, lifeAmong, type Whereabouts, whereabouts } from '../../../../src/detached/core/life.ts';
import type { Place } from '../../../../src/detached/core/record.ts';

const LINUX: Place = { host: 'h', boot: 'b', namespace: 'pid:[4026531836]', machine: 'm' };
const CONTAINER: Place = { ...LINUX, namespace: 'pid:[4026532999]' };
const MAC: Place = { host: 'h', boot: '', namespace: '', machine: '' };

const PLACES: readonly [title: string, place: Place, here: Place | undefined, where: Whereabouts][] = [
  ['of this start of the machine', LINUX, LINUX, 'here'],
  ['of this machine under a former name', { ...LINUX, host: 'former' }, LINUX, 'here'],
  ['of a container', CONTAINER, LINUX, 'elsewhere'],
  ['of the machine around this container', LINUX, CONTAINER, 'elsewhere'],
  ['of this container', CONTAINER, CONTAINER, 'here'],
  ['of an earlier start of this machine', { ...LINUX, boot: 'earlier' }, LINUX, 'earlier'],
  ['of an earlier start and another name', { ...LINUX, boot: 'earlier', host: 'former' }, LINUX, 'elsewhere'],
  ['of another machine of the same name', { ...LINUX, boot: 'other', machine: 'other' }, LINUX, 'elsewhere'],
  [
    'of a machine of the same name without an ID',
    { ...LINUX, boot: 'other', machine: '' },
    { ...LINUX, machine: '' },
    'elsewhere',
  ],
  ['of a container of another kernel', { ...CONTAINER, boot: 'other' }, CONTAINER, 'elsewhere'],
  ['of a container, seen from another kernel', { ...CONTAINER, boot: 'other' }, LINUX, 'elsewhere'],
  ['of a machine, where /proc is missing', LINUX, undefined, 'elsewhere'],
  ['of a machine that has numbers alone', MAC, MAC, 'here'],
  ['of such a machine under another name', { ...MAC, host: 'other' }, MAC, 'renamed'],
];
for (const [title, place, here, where] of PLACES) {
  test(`a record ${title} is ${where}`, () => assert.equal(whereabouts(place, here), where));
}

const NONE: Found = { kind: 'none' };
const found = (started: string | undefined): Found => ({ kind: 'found', started });
const LIVES: readonly [title: string, found: Found, started: string, where: 'here' | 'renamed', life: Life][] = [
  ['no process has the number', NONE, '5', 'here', 'gone'],
  ['the process started then', found('5'), '5', 'here', 'alive'],
  ['the process started later', found('6'), '5', 'here', 'gone'],
  ['the system does not say when it started', found(undefined), '5', 'here', 'unsure'],
  ['the record does not say when it started', found('5'), '', 'here', 'unsure'],
  ['neither says when it started', found(undefined), '', 'here', 'unsure'],
  ['no process has the number on what may be another machine', NONE, '5', 'renamed', 'elsewhere'],
  ['the process started then on what may be another machine', found('5'), '5', 'renamed', 'alive'],
  ['the process started later on what may be another machine', found('6'), '5', 'renamed', 'elsewhere'],
  ['nobody knows anything', found(undefined), '', 'renamed', 'elsewhere'],
];
for (const [title, system, started, where, life] of LIVES) {
  test(`it is ${life} when ${title}`, () => {
    assert.equal(lifeAmong(system, { pid: 7, started, place: LINUX }, where), life);
  });
}
