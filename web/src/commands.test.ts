// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { commandsOf } from './commands';
import { cppQuoted, pythonQuoted, shellQuoted } from './quote';
import { DEFAULT_STATE } from './state/defaults';
import type { ViewState } from './state/types';
import { syntheticDocument } from './testing/synthetic';

const HOSTILE = [
  'Angela lives in Paris.',
  '',
  "it's",
  '"quoted" \\ back',
  '$(rm -rf ~) `id` $HOME !! && ; | > < * ? [a]',
  "\\' \\\" '\\''",
  'ends with a backslash \\',
  'line\nfeed\r\ttab',
  '\u0001\u001b[31m\u007f\u0085\u00a0',
  '\u202eright to left\u202c \u2066iso\u2069 \u200b\ufeff\u2028\u2029',
  '\u202e with \' and \\ and "',
  'Grüße, 東京 😀 مرحبا',
  '\u001f9 \u00018',
  '{x} {{y}} %s %% ??/ ??( trigraphs',
  '-o /etc/passwd',
  '=ls ~ #comment',
  '\\u0041 \\x41 \\101 \\N{BULLET}',
];

/** What a shell makes of one word: quotes, backslashes and $'...'. */
function parseShell(word: string): string {
  let text = '';
  const bytes: number[] = [];
  const add = (part: string) => bytes.push(...new TextEncoder().encode(part));
  for (let i = 0; i < word.length; ) {
    if (word.startsWith("$'", i)) {
      const end = /(?:[^'\\]|\\[\s\S])*/.exec(word.slice(i + 2))![0];
      for (const [piece] of end.matchAll(/\\[0-7]{3}|\\[\s\S]|[^\\]+/g)) {
        if (/^\\[0-7]/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 8));
        else if (piece[0] !== '\\') add(piece);
        else add({ n: '\n', r: '\r', t: '\t', "'": "'", '\\': '\\' }[piece[1]!] ?? `bad ${piece}`);
      }
      i += 2 + end.length + 1;
    } else if (word[i] === "'") {
      const end = word.indexOf("'", i + 1);
      add(word.slice(i + 1, end));
      i = end + 1;
    } else if (word[i] === '\\') {
      add(word[i + 1]!);
      i += 2;
    } else {
      expect(word[i]).toMatch(/[\w@%+:,./-]/);
      add(word[i]!);
      ++i;
    }
  }
  text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  return text;
}

/** A literal of Python. */
function parsePython(literal: string): string {
  expect(literal).toMatch(/^"[^\n]*"$/);
  return literal.slice(1, -1).replace(/\\u([0-9a-f]{4})|\\([\s\S])|"/g, (whole, code?: string, letter?: string) => {
    if (code) return String.fromCharCode(Number.parseInt(code, 16));
    const known = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }[letter ?? ''];
    if (known === undefined) throw new Error(`${whole} in ${literal}`);
    return known;
  });
}

/** A narrow literal of C++: at most three octal digits an escape. */
function parseCpp(literal: string): string {
  expect(literal).toMatch(/^"[^\n]*"$/);
  expect(literal).not.toContain('??');
  const bytes: number[] = [];
  for (const [piece] of literal.slice(1, -1).matchAll(/\\[0-7]{1,3}|\\[\s\S]|[^\\]+/g)) {
    if (/^\\[0-7]/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 8));
    else if (piece[0] === '\\') {
      const known = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '?': '?' }[piece[1]!];
      if (known === undefined) throw new Error(`${piece} in ${literal}`);
      bytes.push(...new TextEncoder().encode(known));
    } else {
      expect(piece).not.toContain('"');
      bytes.push(...new TextEncoder().encode(piece));
    }
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

describe('a quoted text', () => {
  it.each(HOSTILE)('comes back: %j', (text) => {
    expect(parseShell(shellQuoted(text))).toBe(text);
    expect(parsePython(pythonQuoted(text))).toBe(text);
    expect(parseCpp(cppQuoted(text))).toBe(text);
  });

  it('shows what cannot be seen', () => {
    for (const quoted of [shellQuoted, pythonQuoted, cppQuoted])
      expect(HOSTILE.map(quoted).join('')).not.toMatch(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u);
  });

  it('has no zero byte and no half of a surrogate pair', () => {
    for (const [quoted, parse] of [
      [shellQuoted, parseShell],
      [pythonQuoted, parsePython],
      [cppQuoted, parseCpp],
    ] as const)
      expect(parse(quoted('a\0b\ud800c'))).toBe('a\ufffdb\ufffdc');
  });
});

describe('commandsOf', () => {
  const { report } = syntheticDocument({ tokens: 20 });
  report.text = "it's $HOME";
  report.model.source = 'builtin:demo';
  const state = (patch: Partial<ViewState>): ViewState => ({ ...DEFAULT_STATE, ...patch });
  const shell = (patch: Partial<ViewState>, compared?: string[]) => commandsOf(report, state(patch), compared)!.shell;
  const text = `'it'\\''s $HOME'`;

  it.each<[string, Partial<ViewState>, string]>([
    ['words', {}, `attnscope words ${text} -m builtin:demo --measure attention`],
    [
      'words of an entity',
      { selected: [1, 2], layers: [0, 1, 3], heads: [5], measure: 'leave_one_out', special: 'hide' },
      `attnscope words ${text} -m builtin:demo --entity 'Angela Merkel' --measure leave-one-out --specials hidden --layer 0-1,3 --head 5`,
    ],
    ['words of a word', { selected: [3] }, `attnscope words ${text} -m builtin:demo --word 2 --measure attention`],
    [
      'links of heads',
      {
        view: 'head',
        layer: 3,
        head: 7,
        pinned: [
          [3, 1],
          [2, 9],
          [3, 7],
        ],
        transform: 'log',
        range: 'percentile',
      },
      `attnscope plot ${text} -m builtin:demo --view links --layer 3 --head 7,1 --mass 0.7 --scale log --range p99 -o head.svg`,
    ],
    [
      'a matrix',
      { view: 'head', layer: 3, head: 7, pinned: [[3, 1]], headForm: 'matrix', palette: 'paper' },
      `attnscope plot ${text} -m builtin:demo --view matrix --layer 3 --head 7 --palette paper -o head.svg`,
    ],
    ['all heads', { view: 'model' }, `attnscope plot ${text} -m builtin:demo --view grid -o model.svg`],
    [
      'queries and keys',
      { view: 'query-key', layer: 1, head: 2 },
      `attnscope run ${text} -m builtin:demo --layers 1 --heads 2 -o attention.npz`,
    ],
    ['heads', { view: 'heads' }, `attnscope heads ${text} -m builtin:demo`],
    ['layers', { view: 'layers' }, `attnscope layers ${text} -m builtin:demo`],
    [
      'two layers',
      { view: 'compare', compare: { kind: 'layer', left: '1', right: '5' } },
      `attnscope diff ${text} -m builtin:demo --layers 1,5`,
    ],
    [
      'two heads',
      { view: 'compare', compare: { kind: 'head', left: '1.2', right: '5.2' } },
      `attnscope run ${text} -m builtin:demo --layers 1,5 --heads 2 -o attention.npz`,
    ],
  ])('says the command of %s', (_, patch, expected) => {
    expect(shell(patch)).toBe(expected);
  });

  it('compares two texts', () => {
    const patch: Partial<ViewState> = { view: 'compare', compare: { kind: 'document', left: '0', right: '1' } };
    expect(shell(patch, [report.text, '-x'])).toBe(`attnscope diff -m builtin:demo -- ${text} -x`);
    const { python, cpp } = commandsOf(report, state(patch), [report.text, 'B "b"'])!;
    expect(python).toContain('result2 = model.attend("B \\"b\\"")');
    expect(cpp).toContain('model.run("B \\"b\\"", request)');
  });

  it('prints the numbers of layers and heads, not their places', () => {
    const some = { ...report, layers: [2, 4, 5, 7, 9, 11], heads: report.heads.map((head) => head + 20) };
    const { shell: line, python, cpp } = commandsOf(some, state({ view: 'head', layer: 1, head: 0 }))!;
    expect(line).toContain('--layer 4 --head 20');
    expect(python).toContain('layers=[4], heads=[20]');
    expect(cpp).toContain('request.layers = {{4}};\n  request.heads = {{20}};');
  });

  it('writes whole programs', () => {
    const { python, cpp } = commandsOf(report, state({ view: 'layers' }))!;
    expect(python).toBe(
      'from attnscope import DistilBertForTokenClassification\n\n' +
        'model = DistilBertForTokenClassification.from_pretrained("builtin:demo")\n' +
        'result = model.attend("it\'s $HOME", reduce="mean")\nprint(result.attentions.shape)\n',
    );
    expect(cpp).toContain('  request.reduce = attnscope::Reduce::mean;\n');
    expect(cpp.endsWith("<< '\\n';\n}\n")).toBe(true);
  });

  it('has none for attention without a model', () => {
    expect(commandsOf({ ...report, model: { ...report.model, model_type: null } }, DEFAULT_STATE)).toBeNull();
  });
});
