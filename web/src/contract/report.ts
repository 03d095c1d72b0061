// SPDX-License-Identifier: Apache-2.0
/** The report of a document, as docs/viewer_format.md says. */

export interface Report {
  format: 'attnscope-report';
  version: 1;
  generator: string;
  model: ModelFacts;
  layers: number[];
  heads: number[];
  text: string;
  tokens: TokenColumns;
  words: WordColumns;
  prediction: Prediction | null;
  entities: Entity[];
  focuses: Focus[];
  head_numbers: Record<string, (number | null)[][]>;
  head_patterns: string[][];
  layer_numbers: Record<string, (number | null)[]>;
  modules: ModuleFacts[];
  weights: { data: 'full' | 'u8' | 'topk'; top_k: number; overview_size: number; query_key: boolean };
  parts: string[];
  notices: string[];
}

export interface ModelFacts {
  source: string;
  model_type: string | null;
  architecture: string | null;
  task: string | null;
  layers: number;
  heads: number;
  hidden_size: number | null;
  head_dim: number | null;
  max_positions: number | null;
  labels: string[] | null;
  parameters: number | null;
  embedded: boolean;
}

/** [begin, end) in UTF-16 units of the text, or of positions. */
export type Range = [number, number];

export interface TokenColumns {
  text: string[];
  id: (number | null)[];
  span: Range[];
  word: number[];
  special: boolean[];
}

export interface WordColumns {
  text: string[];
  span: Range[];
  tokens: Range[];
  special: boolean[];
  label: (string | null)[];
}

export interface Prediction {
  label: string;
  probability: number;
  labels: { label: string; logit: number; probability: number }[];
}

export interface Entity {
  kind: string;
  text: string;
  span: Range;
  score: number;
  words: number[];
}

export interface Focus {
  kind: 'entity' | 'word' | 'label' | 'text';
  text: string;
  entity: number | null;
  words: number[];
  label: string;
  value: number | null;
  measures: { measure: string; description: string; scores: (number | null)[] }[];
  agreements: { left: string; right: string; tau: number | null }[];
  sentence: string;
  ablation: { value: number; effect: number[][] } | null;
}

export interface ModuleFacts {
  path: string;
  type: string;
  outputs: { shape: number[]; dtype: string }[];
}
