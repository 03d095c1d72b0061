// SPDX-License-Identifier: Apache-2.0
import type { Entity, Range, TokenColumns, WordColumns } from '../contract/report';

export interface SyntheticText {
  text: string;
  tokens: TokenColumns;
  words: WordColumns;
  entities: Entity[];
}

/** Words as pieces; a name of an entity has its kind behind a slash. */
const WORDS = (
  'Angela/PER Mer|kel/PER visited Paris/LOC on Tues|day , where Emm|an|uel/PER Macron/PER showed her ' +
  'the new lib|rary of the uni|vers|ity . In Ber|lin/LOC people read about it the next morning . ' +
  'Nobody knew why the two had walked along the Seine/LOC for three hours .'
).split(' ');

/** A text of so many tokens, [CLS] and [SEP] included, or a given one, cut at blanks. */
export function syntheticText(wanted: number | string): SyntheticText {
  const made: SyntheticText = {
    text: '',
    tokens: { text: [], id: [], span: [], word: [], special: [] },
    words: { text: [], span: [], tokens: [], special: [], label: [] },
    entities: [],
  };
  addWord(made, ['[CLS]'], null, true);
  const given = typeof wanted === 'string' ? wanted.split(/\s+/).filter(Boolean) : null;
  const done = (i: number) => (given ? i >= given.length : made.tokens.text.length >= (wanted as number) - 1);
  for (let i = 0; !done(i); ++i) {
    const [spelled, kind = null] = (given ? given[i]! : WORDS[i % WORDS.length]!).split('/') as [string, string?];
    const pieces = spelled.split('|');
    const room = given ? pieces.length : (wanted as number) - 1 - made.tokens.text.length;
    addWord(made, pieces.slice(0, room), kind, false);
  }
  addWord(made, ['[SEP]'], null, true);
  return made;
}

function addWord(made: SyntheticText, pieces: string[], kind: string | null, special: boolean): void {
  const { tokens, words } = made;
  const word = words.text.length;
  const first = tokens.text.length;
  const glued = made.text === '' || /^[.,]$/.test(pieces[0]!);
  if (!special && !glued) made.text += ' ';
  const begin = special ? 0 : made.text.length;
  pieces.forEach((piece, i) => {
    const at = made.text.length;
    if (!special) made.text += piece;
    tokens.text.push(i > 0 ? `##${piece}` : piece);
    tokens.id.push(100 + first + i);
    tokens.span.push(special ? [0, 0] : [at, made.text.length]);
    tokens.word.push(word);
    tokens.special.push(special);
  });
  const before = made.entities.at(-1);
  const goesOn = kind !== null && before?.kind === kind && before.words.at(-1) === word - 1;
  words.text.push(pieces.join(''));
  words.span.push(special ? [0, 0] : [begin, made.text.length]);
  words.tokens.push([first, tokens.text.length]);
  words.special.push(special);
  words.label.push(special ? null : kind === null ? 'O' : `${goesOn ? 'I' : 'B'}-${kind}`);
  if (kind !== null) addToEntity(made, goesOn ? before : undefined, kind, word, [begin, made.text.length]);
}

function addToEntity(made: SyntheticText, before: Entity | undefined, kind: string, word: number, span: Range): void {
  if (before) {
    before.words.push(word);
    before.span[1] = span[1];
    before.text = made.text.slice(before.span[0], before.span[1]);
    return;
  }
  made.entities.push({ kind, text: made.text.slice(span[0], span[1]), span, score: 0.9, words: [word] });
}
