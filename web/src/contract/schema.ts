// SPDX-License-Identifier: Apache-2.0
/** Checks of JSON values that name the place of what is wrong by its JSON pointer. */
import { MessageError } from '../data/source';

export type Check = (value: unknown, at: string) => void;

export const isString: Check = (value, at) => expect(typeof value === 'string', value, at, 'a string');
export const isBoolean: Check = (value, at) => expect(typeof value === 'boolean', value, at, 'true or false');
export const isNumber: Check = (value, at) => expect(Number.isFinite(value), value, at, 'a number');
export const isCount: Check = (value, at) =>
  expect(Number.isSafeInteger(value) && (value as number) >= 0, value, at, 'a whole number, 0 or larger');

/** A position of one of `count` things. */
export function isPosition(count: number, things: string): Check {
  return (value, at) =>
    expect(
      Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < count,
      value,
      at,
      `a position of ${count} ${things}`,
    );
}

/** [begin, end) within `size` things. */
export function isRange(size: number, things: string): Check {
  return (value, at) => {
    const whole = Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
    const [begin, end] = whole ? (value as [number, number]) : [-1, -1];
    expect(begin >= 0 && begin <= end && end <= size, value, at, `[begin, end) within ${size} ${things}`);
  };
}

export function isOneOf(...values: (string | number)[]): Check {
  return (value, at) => {
    const names = values.map((name) => JSON.stringify(name)).join(' or ');
    expect(values.includes(value as string | number), value, at, names);
  };
}

export function orNull(check: Check): Check {
  return (value, at) => {
    if (value !== null) check(value, at);
  };
}

export function listOf(check: Check, length?: number): Check {
  return (value, at) => {
    const fits = Array.isArray(value) && (length === undefined || value.length === length);
    expect(fits, value, at, length === undefined ? 'a list' : `a list of ${length}`);
    (value as unknown[]).forEach((item, i) => {
      check(item, `${at}/${i}`);
    });
  };
}

/** An object with any keys. */
export function mapOf(check: Check): Check {
  return (value, at) => {
    for (const [key, item] of Object.entries(objectAt(value, at))) check(item, pointer(at, key));
  };
}

/** An object with at least these keys; what a newer program adds is let through. */
export function has(fields: Record<string, Check>): Check {
  return (value, at) => {
    const object = objectAt(value, at);
    for (const [key, check] of Object.entries(fields)) {
      if (!Object.hasOwn(object, key)) throw wrong(pointer(at, key), 'missing');
      check(object[key], pointer(at, key));
    }
  };
}

export function wrong(at: string, what: string): MessageError {
  return new MessageError(
    `page data: ${at || '/'}: ${what}`,
    'Page and data come from different versions: write the page again.',
  );
}

function objectAt(value: unknown, at: string): Record<string, unknown> {
  expect(typeof value === 'object' && value !== null && !Array.isArray(value), value, at, 'an object');
  return value as Record<string, unknown>;
}

function expect(fits: boolean, value: unknown, at: string, wanted: string): void {
  if (!fits) throw wrong(at, `${shown(value)}, expected ${wanted}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function pointer(at: string, key: string): string {
  return `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
