// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { Tensors } from '../contract/safetensors';

/** Where documents come from: a file, the server, a notebook. */
export interface Source {
  readonly kind: 'file' | 'server' | 'notebook';
  /** The documents there are now, the newest last. */
  documents(): DocumentEntry[];
  report(document: string): Promise<Report>;
  /** Bytes of a part as tensors. Rejects with AbortError after `signal`, else with a MessageError. */
  part(document: string, name: string, signal?: AbortSignal): Promise<Tensors>;
  /** Whether parts may be asked for that the report does not list, though nobody may be there to answer. */
  readonly asksForParts?: boolean;
  /** What only a program behind the page can do; null in a file. */
  readonly live: Live | null;
}

export interface DocumentEntry {
  id: string;
  title: string;
}

export interface Live {
  readonly examples: string[];
  /** Runs the model on a text; the new document's id. */
  run(text: string, signal?: AbortSignal): Promise<string>;
  ablate(document: string, heads: [number, number][], focus: number, signal?: AbortSignal): Promise<AblationAnswer>;
  scan(
    document: string,
    focus: number,
    progress: (done: number, all: number) => void,
    signal?: AbortSignal,
  ): Promise<{ value: number; effect: number[][] }>;
  /** A picture by the engine's own figure code. */
  figure(document: string, request: FigureRequest): Promise<Blob>;
}

export interface AblationAnswer {
  label: string;
  value: number;
  ablated: number;
  change: number;
  labels: (string | null)[];
}

export interface FigureRequest {
  view: 'matrix' | 'links' | 'grid' | 'words' | 'heads' | 'layers' | 'difference';
  layers?: number[];
  heads?: number[];
  focus?: number;
  from?: number;
  format: 'svg' | 'png' | 'pdf';
  options?: Record<string, string | number>;
}

/** An error whose text is for people: what happened and what to do. */
export class MessageError extends Error {
  constructor(
    message: string,
    readonly hint = '',
  ) {
    super(message);
    this.name = 'MessageError';
  }
}
