// SPDX-License-Identifier: Apache-2.0
/** The state as the fragment of an address, such as `view=head&layer=3&head=7&selected=2,3`, and back. */
import { listName } from '../data/weights_of';
import { DEFAULT_STATE } from './defaults';
import type { ViewState } from './types';

/** How a value is written, and read: undefined where the text is none. */
interface Field<T> {
  write(value: T): string;
  read(text: string): T | undefined;
}

type Fields = { [Key in keyof ViewState]: Field<ViewState[Key]> };

const MOST_PINNED = 4;

const text: Field<string> = { write: (value) => value, read: (value) => value };

const position: Field<number> = {
  write: String,
  read: (value) => (/^\d{1,5}$/.test(value) ? Number(value) : undefined),
};

const positionOrNone: Field<number | null> = {
  write: (value) => (value === null ? '' : String(value)),
  read: position.read,
};

const share: Field<number> = {
  write: (value) => String(Math.round(value * 1000) / 1000),
  read: (value) => (/^(0?\.\d{1,6}|[01](\.0*)?)$/.test(value) ? Number(value) : undefined),
};

const oneOf = <T extends string>(...values: T[]): Field<T> => ({
  write: (value) => value,
  read: (value) => values.find((known) => known === value),
});

/** Positions such as 0,3-5, each once, in order. */
const positions: Field<number[]> = {
  write: listName,
  read(value) {
    const list = new Set<number>();
    for (const item of value === '' ? [] : value.split(',')) {
      const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item) ?? [];
      if (first === undefined) return undefined;
      for (let i = Number(first); i <= Number(last); ++i) list.add(i);
    }
    return [...list].sort((a, b) => a - b);
  },
};

const positionsOrAll: Field<number[] | null> = {
  write: listName,
  read: (value) => (value === 'all' ? null : value === '' ? undefined : positions.read(value)),
};

/** Pairs such as 3.7,4.2. */
const pairs = (most: number): Field<[number, number][]> => ({
  write: (list) => list.map((pair) => pair.join('.')).join(','),
  read(value) {
    const list = (value === '' ? [] : value.split(',')).map((item) => item.split('.').map(position.read));
    const whole = list.every((pair) => pair.length === 2 && pair.every((part) => part !== undefined));
    return whole ? (list.slice(0, most) as [number, number][]) : undefined;
  },
});

/** Such as layer:0:5. */
const compared: Field<ViewState['compare']> = {
  write: ({ kind, left, right }) => [kind, ...[left, right].map(encodeURIComponent)].join(':'),
  read(value) {
    const [name = '', left, right] = value.split(':');
    const kind = oneOf('document', 'layer', 'head').read(name);
    if (!kind || left === undefined || right === undefined) return undefined;
    try {
      return { kind, left: decodeURIComponent(left), right: decodeURIComponent(right) };
    } catch {
      return undefined;
    }
  },
};

const sortKey = oneOf('index', 'entropy', 'special', 'pattern');

const FIELDS: Fields = {
  view: oneOf('words', 'head', 'model', 'query-key', 'heads', 'layers', 'compare'),
  document: text,
  layer: position,
  head: position,
  layers: positionsOrAll,
  heads: positionsOrAll,
  selected: positions,
  pinned: pairs(MOST_PINNED),
  unit: oneOf('token', 'word'),
  special: oneOf('show', 'hide', 'renormalise'),
  measure: text,
  transform: oneOf('sqrt', 'linear', 'log'),
  palette: oneOf('cividis', 'viridis', 'paper', 'difference'),
  range: oneOf('unit', 'maximum', 'percentile'),
  direction: oneOf('from', 'to'),
  ablated: pairs(Number.POSITIVE_INFINITY),
  mass: share,
  headForm: oneOf('links', 'matrix'),
  compare: compared,
  pairs: pairs(Number.POSITIVE_INFINITY),
  from: positionOrNone,
  to: positionOrNone,
  sortHeads: sortKey,
  sortLayers: sortKey,
  headTab: oneOf('table', 'map'),
  headSort: text,
  theme: oneOf('auto', 'light', 'dark'),
};
const NAMES = Object.keys(FIELDS) as (keyof ViewState)[];

/** Without the leading #. What is as from the start is left out, except the view. */
export function writeHash(state: ViewState): string {
  const parts: string[] = [];
  for (const name of NAMES) {
    const value = written(state, name);
    if (name === 'view' || value !== written(DEFAULT_STATE, name)) parts.push(`${name}=${escaped(value)}`);
  }
  return parts.join('&');
}

/** The state that a hash says; what is unknown or wrong is ignored. */
export function readHash(hash: string): ViewState {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const state = structuredClone(DEFAULT_STATE);
  for (const name of NAMES) readField(state, name, given.get(name));
  return state;
}

function readField<Key extends keyof ViewState>(state: ViewState, name: Key, value: string | null): void {
  const read = value === null ? undefined : FIELDS[name].read(value);
  if (read !== undefined) state[name] = read;
}

function written<Key extends keyof ViewState>(state: ViewState, name: Key): string {
  return FIELDS[name].write(state[name]);
}

/** Commas, colons and slashes need no escape in a fragment and stay readable. */
function escaped(value: string): string {
  return encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/');
}
