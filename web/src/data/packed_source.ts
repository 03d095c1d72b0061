// SPDX-License-Identifier: Apache-2.0
import { readReport } from '../contract/read_report';
import type { Report } from '../contract/report';
import { readSafetensors } from '../contract/safetensors';
import { Loads } from './loads';
import type { PageIndex } from './page_index';
import { MessageError, type Source } from './source';

/** How to get at bytes: what an id of the index stands for, and parts that the index does not have. */
export interface Packed {
  bytes(id: string, signal?: AbortSignal): Promise<ArrayBuffer>;
  ask?(document: string, name: string, signal: AbortSignal): Promise<ArrayBuffer>;
}

/** Documents of which what the report lists is there from the start. */
export function packedSource(kind: 'file' | 'notebook', index: PageIndex, packed: Packed): Source {
  const reports = new Map<string, Promise<Report>>();
  const find = (id: string) => {
    const document = /^\d+$/.test(id) ? index.documents[Number(id)] : undefined;
    if (!document) throw new MessageError(`document ${id}: not here`, 'Choose another one under Texts.');
    return document;
  };
  const loads = new Loads(async (document, name, signal) => {
    const id = find(document).parts[name];
    if (id !== undefined) return readSafetensors(await packed.bytes(id, signal));
    if (packed.ask) return readSafetensors(await packed.ask(document, name, signal));
    throw new MessageError(`part ${name}: not here`, 'Write the page again with more data, or start attnscope serve.');
  });
  return {
    kind,
    live: null,
    asksForParts: packed.ask !== undefined,
    documents: () => index.documents.map(({ title }, i) => ({ id: String(i), title })),
    async report(id) {
      const begun =
        reports.get(id) ?? packed.bytes(find(id).report).then((data) => readReport(new TextDecoder().decode(data)));
      reports.set(id, begun);
      return begun;
    },
    part: (document, name, signal) => loads.part(document, name, signal),
  };
}
