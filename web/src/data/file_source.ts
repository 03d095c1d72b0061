// SPDX-License-Identifier: Apache-2.0
import { inflateBase64 } from './inflate';
import { packedSource } from './packed_source';
import { type PageIndex, readPageIndex } from './page_index';
import { MessageError, type Source } from './source';

export const INDEX_ID = 'attnscope-index';

/** The documents that a page carries in its own script elements; unpacked when they are needed. */
export function fileSource(page: Document = document): { source: Source; index: PageIndex } {
  const index = readPageIndex(textOf(page, INDEX_ID));
  const bytes = async (id: string, signal?: AbortSignal) => inflateBase64(textOf(page, id), id, signal);
  return { source: packedSource('file', index, { bytes }), index };
}

function textOf(page: Document, id: string): string {
  const text = page.getElementById(id)?.textContent;
  if (!text) throw new MessageError(`#${id}: missing in the page`, 'The file is cut off or damaged; export it again.');
  return text;
}
