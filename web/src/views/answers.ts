// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { Weights } from '../data/weights';
import type { ViewState } from '../state/types';
import { measureTitle } from '../ui/measures';
import { describeSet } from '../ui/sets';
import { focusOf, type Scores, scoresOf, scoresOfFocus } from './words';

/** Numbers for the words, or why there are none and what to do. */
export type Answer =
  | { known: true; scores: Scores; about: string; signed: boolean; shares: boolean }
  | { known: false; why: string; todo: string };

/** What is known of the selected places: by attention, by rollout, or by a measure of a focus. */
export function answerOf(
  report: Report,
  state: ViewState,
  selected: number[],
  attention: Weights | null,
  rollout: Weights | null,
): Answer | null {
  if (selected.length === 0) return { known: false, why: 'No word is chosen.', todo: 'Choose one in the text.' };
  if (state.measure === 'attention') {
    if (!attention) return null;
    const scores = scoresOf(attention, selected, state.direction);
    return { known: true, scores, about: meanOf(report, state), signed: false, shares: true };
  }
  if (state.measure === 'rollout' && rollout) {
    const scores = scoresOf(rollout, selected, state.direction);
    return { known: true, scores, about: rolloutOf(report, state), signed: false, shares: true };
  }
  return answerOfFocus(report, state, selected);
}

function answerOfFocus(report: Report, state: ViewState, selected: number[]): Answer {
  const title = measureTitle(state.measure);
  const position = focusOf(report, selected, state.unit);
  const focus = position === null ? undefined : report.focuses[position];
  const found = focus?.measures.find((entry) => entry.measure === state.measure);
  if (!focus || !found) {
    return { known: false, why: `${title} is not known for this selection.`, todo: explained(report, state.measure) };
  }
  if (state.direction === 'to') {
    return {
      known: false,
      why: `${title} says what "${focus.text || focus.label}" depends on, not what depends on it.`,
      todo: 'Turn the direction to "looks at", or choose the measure attention.',
    };
  }
  return {
    known: true,
    scores: scoresOfFocus(report, found.scores, state.unit),
    about: found.description || title,
    signed: found.scores.some((score) => score !== null && score < 0),
    shares: state.measure !== 'leave_one_out',
  };
}

function explained(report: Report, measure: string): string {
  const texts = report.focuses
    .filter((focus) => focus.words.length > 0 && focus.measures.some((entry) => entry.measure === measure))
    .map((focus) => `"${focus.text}"`);
  if (texts.length === 0) return 'Choose the measure attention: it is known for every word.';
  return `It is known for ${texts.slice(0, 6).join(', ')}. Choose one of these, or the measure attention.`;
}

function meanOf(report: Report, state: ViewState): string {
  const layers = state.layers?.length ?? report.layers.length;
  const heads = state.heads?.length ?? report.heads.length;
  const named = (what: string, chosen: number[] | null, all: number[]) =>
    chosen ? `${what}${chosen.length > 1 ? 's' : ''} ${describeSet(chosen, all)}` : `all ${all.length} ${what}s`;
  const layerText = named('layer', state.layers, report.layers);
  const headText = named('head', state.heads, report.heads);
  return layers * heads === 1 ? `${layerText}, ${headText}` : `mean over ${layerText} and ${headText}`;
}

function rolloutOf(report: Report, state: ViewState): string {
  const last = Math.max(...(state.layers ?? report.layers.keys()));
  return `rollout from the input to layer ${report.layers[last] ?? last}, all heads`;
}
