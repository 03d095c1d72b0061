// SPDX-License-Identifier: Apache-2.0
import type { Entity, Focus, Range, Report } from '../contract/report';
import type { Weights } from '../data/weights';
import type { ViewState } from '../state/types';
import type { Place } from '../ui/places';

/** A stretch of the text: a word (or token) with its position, or what stands between two. */
export interface Stretch {
  text: string;
  place: number | null;
}

/** The text cut at the places in it. All characters of the text are there once, in order. */
export function stretches(text: string, places: Place[]): Stretch[] {
  const result: Stretch[] = [];
  let at = 0;
  for (const [position, place] of places.entries()) {
    const [begin, end] = place.span;
    if (place.special || begin < at || end <= begin) continue;
    if (begin > at) result.push({ text: text.slice(at, begin), place: null });
    result.push({ text: text.slice(begin, end), place: position });
    at = end;
  }
  if (at < text.length) result.push({ text: text.slice(at), place: null });
  return result;
}

/** The direction of a text: that of its first letter. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(letter)
    ? 'rtl'
    : 'ltr';
}

const touches = (a: Range, b: Range) => a[0] < b[1] && b[0] < a[1];

/** For each place the position of its entity, or null. */
export function entityOf(places: Place[], entities: Entity[]): (number | null)[] {
  return places.map((place) => {
    const found = place.special ? -1 : entities.findIndex((entity) => touches(entity.span, place.span));
    return found < 0 ? null : found;
  });
}

/** The places that some words of the report take, in the unit of the places. */
export function placesOfWords(report: Report, words: number[], unit: 'token' | 'word'): number[] {
  if (unit === 'word') return words;
  return words.flatMap((word) => {
    const [first, last] = report.words.tokens[word] ?? [0, 0];
    return Array.from({ length: last - first }, (_, i) => first + i);
  });
}

/** The focus whose words are exactly the selected places; null if there is none. */
export function focusOf(report: Report, selected: number[], unit: 'token' | 'word'): number | null {
  const key = [...selected].sort((a, b) => a - b).join();
  const found = report.focuses.findIndex((focus) => placesOfWords(report, focus.words, unit).join() === key);
  return found < 0 ? null : found;
}

/** What is shown before anything is chosen: the first focus that has words, else the first word. */
export function firstSelection(report: Report, places: Place[], unit: 'token' | 'word'): number[] {
  const focus = report.focuses.find((entry) => entry.words.length > 0 && entry.kind !== 'text');
  const words = focus ? placesOfWords(report, focus.words, unit) : [];
  if (words.length > 0) return words;
  const first = places.findIndex((place) => !place.special);
  return first < 0 ? [] : [first];
}

export function selectionOf(report: Report, state: ViewState, places: Place[]): number[] {
  const chosen = state.selected.filter((place) => place < places.length);
  return chosen.length > 0 ? chosen : firstSelection(report, places, state.unit);
}

/** The selected as it stands in the text. */
export function nameOf(report: Report, places: Place[], selected: number[]): string {
  const first = places[selected[0] ?? -1];
  const last = places[selected.at(-1) ?? -1];
  if (!first || !last) return '';
  if (first.special || last.special || selected.length === 1) return first.text;
  return report.text.slice(first.span[0], last.span[1]);
}

/** One number a place, enclosed by low and high; NaN: not known. */
export interface Scores {
  best: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

/** From the selected: the mean of their rows. To the selected: the sum of their columns. */
export function scoresOf(weights: Weights, selected: number[], direction: 'from' | 'to'): Scores {
  const read = (values: Float32Array) => {
    const scores = new Float64Array(direction === 'from' ? weights.columns : weights.rows);
    for (const place of selected) {
      for (let i = 0; i < scores.length; ++i) {
        if (direction === 'from') scores[i]! += values[place * weights.columns + i]! / selected.length;
        else scores[i]! += values[i * weights.columns + place]!;
      }
    }
    return scores;
  };
  const best = read(weights.best);
  return {
    best,
    low: weights.low === weights.best ? best : read(weights.low),
    high: weights.high === weights.best ? best : read(weights.high),
  };
}

/** Scores of a focus for the words of the report, for places of the unit. A token takes its word's number. */
export function scoresOfFocus(report: Report, scores: (number | null)[], unit: 'token' | 'word'): Scores {
  const of = (word: number) => scores[word] ?? Number.NaN;
  const best = Float64Array.from(unit === 'word' ? report.words.text.keys() : report.tokens.word, of);
  return { best, low: best, high: best };
}

/** Where the weight goes: special tokens, the selected itself, other words. */
export function parts(scores: Float64Array, places: Place[], selected: number[]): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  const own = new Set(selected);
  for (const [i, score] of scores.entries()) {
    if (!Number.isNaN(score)) sums[places[i]?.special ? 0 : own.has(i) ? 1 : 2]! += score;
  }
  return sums;
}

/** Bounds of parts that are 1 together: what the others surely take leaves the rest, and the other way round. */
export function boundedByOne(low: number[], high: number[]): { low: number[]; high: number[] } {
  const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
  const [least, most] = [sum(low), sum(high)];
  return {
    low: low.map((value, i) => Math.max(value, 1 - (most - high[i]!))),
    high: high.map((value, i) => Math.min(value, 1 - (least - low[i]!))),
  };
}

/** The other words by the size of their score, the largest first. Equal ones in the order of the text. */
export function ranking(scores: Float64Array, places: Place[], selected: number[]): number[] {
  const own = new Set(selected);
  return [...scores.keys()]
    .filter((i) => !Number.isNaN(scores[i]) && !places[i]?.special && !own.has(i))
    .sort((a, b) => Math.abs(scores[b]!) - Math.abs(scores[a]!) || a - b);
}

/** The word with the largest score of a measure, the focus itself left out. */
export function topWord(report: Report, focus: Focus, scores: (number | null)[]): string {
  const places = report.words.text.map((text, i) => ({
    text,
    span: report.words.span[i] ?? ([0, 0] as Range),
    special: report.words.special[i] ?? false,
  }));
  const first = ranking(
    Float64Array.from(scores, (score) => score ?? Number.NaN),
    places,
    focus.words,
  )[0];
  return first === undefined ? '' : (report.words.text[first] ?? '');
}

/** Kendall's tau of a measure with attention; null if it is not known. */
export function tauWithAttention(focus: Focus, measure: string): number | null {
  const found = focus.agreements.find(
    (entry) =>
      (entry.left === 'attention' && entry.right === measure) ||
      (entry.right === 'attention' && entry.left === measure),
  );
  return found?.tau ?? null;
}

/** Heads by the size of what their ablation changes, the largest first. */
export function strongestHeads(effect: number[][], count: number): { layer: number; head: number; effect: number }[] {
  return effect
    .flatMap((row, layer) => row.map((value, head) => ({ layer, head, effect: value })))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect) || a.layer - b.layer || a.head - b.head)
    .slice(0, count);
}
