// SPDX-License-Identifier: Apache-2.0
/** The view on the screen as a command, as Python and as C++. */
import type { Report } from './contract/report';
import { listName } from './data/weights_of';
import { cppQuoted, pythonQuoted, shellQuoted } from './quote';
import type { ViewState } from './state/types';

export interface Commands {
  shell: string;
  python: string;
  cpp: string;
}

/** Layers and heads as the model numbers them; null: all. */
interface Choice {
  layers: number[] | null;
  heads: number[] | null;
  /** Whether only the mean over the heads is looked at. */
  mean: boolean;
}

/**
 * What reproduces the view with the same model. `compared`: the texts of both sides of Compare. Null for attention that
 * did not come from a model.
 */
export function commandsOf(report: Report, state: ViewState, compared?: string[]): Commands | null {
  if (report.model.model_type === null) return null;
  const choice = choiceOf(report, state);
  const isPair = state.view === 'compare' && state.compare.kind === 'document';
  const texts = (isPair && compared) || [report.text];
  return {
    shell: shellOf(report, state, choice, texts),
    python: pythonOf(report, state, choice, texts),
    cpp: cppOf(report, choice, texts),
  };
}

function choiceOf(report: Report, state: ViewState): Choice {
  const numbers = (positions: number[] | null, all: number[]) => positions?.map((i) => all[i] ?? i) ?? null;
  const layers = (positions: number[] | null) => numbers(positions, report.layers);
  const heads = (positions: number[] | null) => numbers(positions, report.heads);
  switch (state.view) {
    case 'words':
      return { layers: layers(state.layers), heads: heads(state.heads), mean: false };
    case 'head':
    case 'query-key':
      return { layers: layers([state.layer]), heads: heads(pinnedBeside(state)), mean: false };
    case 'layers':
      return { layers: null, heads: null, mean: true };
    case 'compare':
      return comparedChoice(state.compare, layers, heads);
    default:
      return { layers: null, heads: null, mean: false };
  }
}

/** The head in focus and the pinned ones of its layer. */
function pinnedBeside(state: ViewState): number[] {
  if (state.view !== 'head' || state.headForm !== 'links') return [state.head];
  const pinned = state.pinned.filter(([layer]) => layer === state.layer).map(([, head]) => head);
  return [...new Set([state.head, ...pinned])].slice(0, 4);
}

function comparedChoice(
  { kind, left, right }: ViewState['compare'],
  layers: (positions: number[]) => number[] | null,
  heads: (positions: number[]) => number[] | null,
): Choice {
  if (kind === 'document') return { layers: null, heads: null, mean: false };
  const sides = [left, right].map((side) => side.split('.').map((part) => Number.parseInt(part, 10) || 0));
  const unique = (at: number) => [...new Set(sides.map((side) => side[at] ?? 0))];
  if (kind === 'layer') return { layers: layers(unique(0)), heads: null, mean: true };
  return { layers: layers(unique(0)), heads: heads(unique(1)), mean: false };
}

function shellOf(report: Report, state: ViewState, choice: Choice, texts: string[]): string {
  const { layers, heads } = choice;
  const options: [string, string | null][] = [['-m', report.model.source]];
  const list = (numbers: number[] | null) => numbers && listName(numbers);
  switch (state.view) {
    case 'words':
      options.push(...wordOptions(report, state), ['--layer', list(layers)], ['--head', list(heads)]);
      return command('words', texts, options);
    case 'head':
      options.push(['--view', state.headForm], ['--layer', list(layers)], ['--head', heads?.join(',') ?? null]);
      if (state.headForm === 'links') options.push(['--mass', String(state.mass)]);
      return command('plot', texts, [...options, ...lookOptions(state), ['-o', 'head.svg']]);
    case 'model':
      return command('plot', texts, [...options, ['--view', 'grid'], ...lookOptions(state), ['-o', 'model.svg']]);
    case 'heads':
      return command('heads', texts, options);
    case 'layers':
      return command('layers', texts, options);
    case 'compare':
      if (state.compare.kind === 'document') return command('diff', texts, options);
      if (choice.mean && layers!.length === 2)
        return command('diff', texts, [...options, ['--layers', layers!.join(',')]]);
  }
  return command('run', texts, [
    ...options,
    ['--layers', list(layers)],
    ['--heads', list(heads)],
    ['-o', 'attention.npz'],
  ]);
}

function wordOptions(report: Report, state: ViewState): [string, string | null][] {
  const specials = { show: null, hide: 'hidden', renormalise: 'renormalised' }[state.special];
  const options: [string, string | null][] = [];
  const entity = report.entities.find((candidate) => candidate.words.join() === state.selected.join());
  const [word] = state.selected;
  if (state.unit === 'word' && entity) options.push(['--entity', entity.text]);
  else if (state.unit === 'word' && word !== undefined && !report.words.special[word]) {
    const before = report.words.special.slice(0, word).filter((special) => !special).length;
    options.push(['--word', String(before)]);
  }
  options.push(['--measure', state.measure.replaceAll('_', '-')], ['--specials', specials]);
  return options;
}

/** What differs from what the command line does by itself. */
function lookOptions(state: ViewState): [string, string | null][] {
  return [
    ['--palette', state.palette === 'cividis' || state.palette === 'difference' ? null : state.palette],
    ['--scale', state.transform === 'sqrt' ? null : state.transform],
    ['--range', { maximum: null, unit: 'unit', percentile: 'p99' }[state.range]],
  ];
}

/** Texts that look like options stand behind "--". */
function command(name: string, texts: string[], options: [string, string | null][]): string {
  const words = options.flatMap(([option, value]) => (value === null ? [] : [option, shellQuoted(value)]));
  const quoted = texts.map(shellQuoted);
  if (texts.some((text) => text.startsWith('-'))) return ['attnscope', name, ...words, '--', ...quoted].join(' ');
  return ['attnscope', name, ...quoted, ...words].join(' ');
}

function pythonOf(report: Report, state: ViewState, { layers, heads, mean }: Choice, texts: string[]): string {
  const { architecture, source } = report.model;
  const name = /^[A-Za-z]\w*$/.test(architecture ?? '') ? architecture! : 'AutoModel';
  const wanted = [
    ...(layers ? [`layers=[${layers.join(', ')}]`] : []),
    ...(heads ? [`heads=[${heads.join(', ')}]`] : []),
    ...(mean ? ['reduce="mean"'] : []),
  ];
  const words = state.view === 'words' || (state.unit === 'word' && !mean);
  const lines = [
    `from attnscope import ${name}`,
    ...(words ? ['from attnscope.analysis import word_attention'] : []),
    '',
  ];
  lines.push(`model = ${name}.from_pretrained(${pythonQuoted(source)})`);
  texts.forEach((text, i) => {
    const result = texts.length > 1 ? `result${i + 1}` : 'result';
    lines.push(`${result} = model.attend(${[pythonQuoted(text), ...wanted].join(', ')})`);
    lines.push(`print(${result}.attentions.shape)`);
    if (words) lines.push(`print(word_attention(${result}.attentions, ${result}.word_ids).mean(axis=(0, 1)))`);
  });
  return `${lines.join('\n')}\n`;
}

function cppOf(report: Report, { layers, heads, mean }: Choice, texts: string[]): string {
  const lines = [
    '#include <attnscope/attnscope.h>',
    '',
    '#include <iostream>',
    '',
    'int main() {',
    `  const auto model = attnscope::Model::load(${cppQuoted(report.model.source)});`,
    '  attnscope::Request request = attnscope::Request::attentions();',
    ...(layers ? [`  request.layers = {{${layers.join(', ')}}};`] : []),
    ...(heads ? [`  request.heads = {{${heads.join(', ')}}};`] : []),
    ...(mean ? ['  request.reduce = attnscope::Reduce::mean;'] : []),
  ];
  for (const text of texts) {
    lines.push(
      `  std::cout << attnscope::to_string(model.run(${cppQuoted(text)}, request).texts[0].attentions.shape())`,
    );
    lines.push("            << '\\n';");
  }
  return `${[...lines, '}'].join('\n')}\n`;
}
