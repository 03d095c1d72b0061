// SPDX-License-Identifier: Apache-2.0
import { packedSource } from './packed_source';
import { type PageIndex, readPageIndex } from './page_index';
import { MessageError, type Source } from './source';

type Bytes = DataView | ArrayBuffer | Uint8Array;
type Listener = (message: Partial<Answer>, buffers: Bytes[]) => void;

/** What is used of an anywidget model. */
export interface WidgetModel {
  get(name: 'index'): string;
  get(name: 'parts'): Record<string, Bytes>;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
  send(message: unknown): void;
}

interface Answer {
  kind: string;
  id: number;
  error: { message?: string; hint?: string };
}

/** A notebook that was stored and opened again has no program that answers. */
const PATIENCE_MS = 5000;

/**
 * The documents of a notebook widget: `index` as in a file, `parts` the bytes of each id, not packed. Other parts are
 * asked for by message.
 */
export function notebookSource(model: WidgetModel, patience = PATIENCE_MS): { source: Source; index: PageIndex } {
  const index = readPageIndex(model.get('index'));
  const bytes = async (id: string) => {
    const data = model.get('parts')[id];
    if (!data) throw new MessageError(`part ${id}: the notebook did not send it`, 'Run the cell again.');
    return alignedBytes(data);
  };
  let asked = 0;
  const ask = (document: string, name: string, signal: AbortSignal) =>
    new Promise<ArrayBuffer>((resolve, reject) => {
      const id = ++asked;
      const settle = (result: () => void) => {
        model.off('msg:custom', listen);
        clearTimeout(timer);
        result();
      };
      const listen: Listener = (message, buffers) => {
        if (message.kind !== 'part' || message.id !== id) return;
        const { error } = message;
        const [data] = buffers;
        settle(() => (data && !error ? resolve(alignedBytes(data)) : reject(refused(name, error))));
      };
      const timer = setTimeout(() => settle(() => reject(refused(name))), patience);
      signal.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true });
      model.on('msg:custom', listen);
      model.send({ kind: 'part', id, document, name });
    });
  return { source: packedSource('notebook', index, { bytes, ask }), index };
}

function refused(name: string, error: Answer['error'] = {}): MessageError {
  if (error.message) return new MessageError(error.message, error.hint ?? '');
  return new MessageError(`part ${name}: the notebook does not answer`, 'Run the cell again.');
}

/** Widget messages put bytes anywhere; typed arrays want them at a multiple of their size. */
function alignedBytes(data: Bytes): ArrayBuffer {
  if (data instanceof ArrayBuffer) return data;
  const whole = data.byteOffset === 0 && data.byteLength === data.buffer.byteLength;
  if (whole && data.buffer instanceof ArrayBuffer) return data.buffer;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer as ArrayBuffer;
}
