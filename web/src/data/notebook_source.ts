// SPDX-License-Identifier: Apache-2.0
import { packedSource } from './packed_source';
import { type PageIndex, readPageIndex } from './page_index';
import { MessageError, type Source } from './source';

/** What is used of an anywidget model. */
export interface WidgetModel {
  get(name: 'index'): string;
  get(name: 'parts'): Record<string, DataView | ArrayBuffer | Uint8Array>;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** The documents of a notebook widget: `index` as in a file, `parts` the bytes of each id, not packed. */
export function notebookSource(model: WidgetModel): { source: Source; index: PageIndex } {
  const index = readPageIndex(model.get('index'));
  const bytes = async (id: string) => {
    const data = model.get('parts')[id];
    if (!data) throw new MessageError(`part ${id}: the notebook did not send it`, 'Run the cell again.');
    return alignedBytes(data);
  };
  return { source: packedSource('notebook', index, bytes), index };
}

/** Widget messages put bytes anywhere; typed arrays want them at a multiple of their size. */
function alignedBytes(data: DataView | ArrayBuffer | Uint8Array): ArrayBuffer {
  if (data instanceof ArrayBuffer) return data;
  if (data.byteOffset === 0 && data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer)
    return data.buffer;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer as ArrayBuffer;
}
