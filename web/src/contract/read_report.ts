// SPDX-License-Identifier: Apache-2.0
import type { Report } from './report';
import * as is from './schema';

/** The report of JSON text. Throws a MessageError with the JSON pointer of what is wrong. */
export function readReport(json: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw is.wrong('', 'not JSON');
  }
  is.has({ format: is.isOneOf('attnscope-report'), version: is.isOneOf(1) })(value, '');
  is.has(HEAD)(value, '');
  const { tokens, words, layers, heads, text, entities } = value as Report;
  const size: Sizes = {
    layers: layers.length,
    heads: heads.length,
    tokens: tokens.text.length,
    words: words.text.length,
    entities: entities.length,
    text: text.length,
  };
  is.has(bodyOf(size))(value, '');
  return value as Report;
}

interface Sizes {
  layers: number;
  heads: number;
  tokens: number;
  words: number;
  entities: number;
  text: number;
}

/** What the sizes of everything else are taken from. */
const HEAD: Record<string, is.Check> = {
  generator: is.isString,
  model: is.has({
    source: is.isString,
    model_type: is.orNull(is.isString),
    architecture: is.orNull(is.isString),
    task: is.orNull(is.isString),
    layers: is.isCount,
    heads: is.isCount,
    hidden_size: is.orNull(is.isCount),
    head_dim: is.orNull(is.isCount),
    max_positions: is.orNull(is.isCount),
    labels: is.orNull(is.listOf(is.isString)),
    parameters: is.orNull(is.isCount),
    embedded: is.isBoolean,
  }),
  layers: is.listOf(is.isCount),
  heads: is.listOf(is.isCount),
  text: is.isString,
  tokens: is.has({ text: is.listOf(is.isString) }),
  words: is.has({ text: is.listOf(is.isString) }),
  entities: is.listOf(is.has({})),
};

function bodyOf(size: Sizes): Record<string, is.Check> {
  const perHead = (check: is.Check) => is.listOf(is.listOf(check, size.heads), size.layers);
  const words = is.listOf(is.isPosition(size.words, 'words'));
  const span = is.isRange(size.text, 'UTF-16 units of the text');
  return {
    tokens: is.has({
      id: is.listOf(is.orNull(is.isCount), size.tokens),
      span: is.listOf(span, size.tokens),
      word: is.listOf(is.isPosition(size.words, 'words'), size.tokens),
      special: is.listOf(is.isBoolean, size.tokens),
    }),
    words: is.has({
      span: is.listOf(span, size.words),
      tokens: is.listOf(is.isRange(size.tokens, 'tokens'), size.words),
      special: is.listOf(is.isBoolean, size.words),
      label: is.listOf(is.orNull(is.isString), size.words),
    }),
    prediction: is.orNull(PREDICTION),
    entities: is.listOf(is.has({ kind: is.isString, text: is.isString, span, score: is.isNumber, words })),
    focuses: is.listOf(focusOf(size, words)),
    head_numbers: is.mapOf(perHead(is.orNull(is.isNumber))),
    head_patterns: perHead(is.isString),
    layer_numbers: is.mapOf(is.listOf(is.orNull(is.isNumber), size.layers)),
    modules: is.listOf(MODULE),
    weights: is.has({
      data: is.isOneOf('full', 'u8', 'topk'),
      top_k: is.isCount,
      overview_size: is.isCount,
      query_key: is.isBoolean,
    }),
    parts: is.listOf(is.isString),
    notices: is.listOf(is.isString),
  };
}

function focusOf(size: Sizes, words: is.Check): is.Check {
  const effect = is.listOf(is.listOf(is.isNumber, size.heads), size.layers);
  return is.has({
    kind: is.isOneOf('entity', 'word', 'label', 'text'),
    text: is.isString,
    entity: is.orNull(is.isPosition(size.entities, 'entities')),
    words,
    label: is.isString,
    value: is.orNull(is.isNumber),
    measures: is.listOf(
      is.has({
        measure: is.isString,
        description: is.isString,
        scores: is.listOf(is.orNull(is.isNumber), size.words),
      }),
    ),
    agreements: is.listOf(is.has({ left: is.isString, right: is.isString, tau: is.orNull(is.isNumber) })),
    sentence: is.isString,
    ablation: is.orNull(is.has({ value: is.isNumber, effect })),
  });
}

const PREDICTION = is.has({
  label: is.isString,
  probability: is.isNumber,
  labels: is.listOf(is.has({ label: is.isString, logit: is.isNumber, probability: is.isNumber })),
});

const MODULE = is.has({
  path: is.isString,
  type: is.isString,
  outputs: is.listOf(is.has({ shape: is.listOf(is.isCount), dtype: is.isString })),
});
