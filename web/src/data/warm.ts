// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import { idle } from './idle';
import type { Source } from './source';

/** Layers of all heads that are unpacked ahead: what the source keeps of parts holds a few times as much. */
const MOST_BYTES = 40e6;

/**
 * Unpacks the layers of a document while nothing else is to do, so that any head opens at once. Only of what is in the
 * page: a server would have to send it.
 */
export async function warmLayers(source: Source, document: string, report: Report, signal: AbortSignal): Promise<void> {
  if (source.kind !== 'file' || layerBytes(report) > MOST_BYTES) return;
  for (const name of report.parts.filter((part) => part.startsWith('layer.'))) {
    await idle();
    if (signal.aborted) return;
    await source.part(document, name, signal).catch(() => {}); // whoever needs it says what is wrong
  }
}

function layerBytes(report: Report): number {
  const { data, top_k } = report.weights;
  const tokens = report.tokens.text.length;
  const each = { full: 4 * tokens, u8: tokens + 4 * top_k, topk: 4 * top_k }[data];
  return report.layers.length * report.heads.length * tokens * each;
}
