// SPDX-License-Identifier: Apache-2.0
import { deflateSync } from 'node:zlib';
import { writeSafetensors } from './safetensors';
import type { SyntheticDocument } from './synthetic';

/** What a file holds of documents: the index, and bytes for each id. */
export function packDocuments(documents: SyntheticDocument[]): { index: string; bytes: Map<string, Uint8Array> } {
  const bytes = new Map<string, Uint8Array>();
  const entries = documents.map(({ report, parts }, i) => {
    bytes.set(`report-${i}`, new TextEncoder().encode(JSON.stringify(report)));
    const names: Record<string, string> = {};
    for (const [name, tensors] of parts) {
      names[name] = `part-${i}-${name}`;
      bytes.set(names[name], new Uint8Array(writeSafetensors(tensors)));
    }
    return { title: report.text, report: `report-${i}`, parts: names };
  });
  return { index: JSON.stringify({ documents: entries, view: 'view=model' }), bytes };
}

/** Puts the script elements of an exported file into a page. */
export function fillPage(page: Document, documents: SyntheticDocument[]): void {
  const { index, bytes } = packDocuments(documents);
  const add = (id: string, type: string, text: string) => {
    const script = page.createElement('script');
    script.id = id;
    script.type = type;
    script.textContent = text;
    page.body.append(script);
  };
  page.body.replaceChildren();
  add('attnscope-index', 'application/json', index.replaceAll('<', '\\u003c'));
  for (const [id, data] of bytes) add(id, 'application/octet-stream', deflateSync(data).toString('base64'));
}
