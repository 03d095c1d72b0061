// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { exactWeights } from '../data/weights';
import { DEFAULT_STATE } from '../state/defaults';
import type { ViewState } from '../state/types';
import { syntheticDocument } from '../testing/synthetic';
import { answerOf } from './answers';

const { report } = syntheticDocument({ text: 'Ann/PER met Bob/PER .', layers: 2, heads: 3 });
const places = report.words.text.length;
const weights = exactWeights(
  Float32Array.from({ length: places * places }, (_, i) => (i % places) / 16),
  places,
  places,
);
const answer = (state: Partial<ViewState>, selected: number[], attention: typeof weights | null = weights) =>
  answerOf(report, { ...DEFAULT_STATE, ...state }, selected, attention, null);
const about = (state: Partial<ViewState>) => {
  const found = answer(state, [1]);
  return found?.known ? found.about : '';
};

it('says over what attention is the mean, by the numbers of layers and heads', () => {
  expect(about({})).toBe('mean over all 2 layers and all 3 heads');
  expect(about({ layers: [1], heads: [0, 1] })).toBe('mean over layer 1 and heads 0-1');
  expect(about({ layers: [1], heads: [2] })).toBe('layer 1, head 2');
});

it('waits for weights', () => {
  expect(answer({}, [1], null)).toBeNull();
});

it('knows the measures of a focus for its words alone', () => {
  const known = answer({ measure: 'rollout' }, report.focuses[0]!.words);
  expect(known?.known && [...known.scores.best.slice(1, 3)]).toEqual(
    report.focuses[0]!.measures[1]!.scores.slice(1, 3),
  );
  const unknown = answer({ measure: 'rollout' }, [2]);
  expect(unknown?.known === false && unknown.todo).toContain('"Ann", "Bob"');
});

it('does not turn a measure of a label around', () => {
  const found = answer({ measure: 'rollout', direction: 'to' }, report.focuses[0]!.words);
  expect(found?.known).toBe(false);
});

it('asks for a word', () => {
  expect(answer({}, [])).toMatchObject({ known: false, todo: 'Choose one in the text.' });
});
