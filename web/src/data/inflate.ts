// SPDX-License-Identifier: Apache-2.0
import { MessageError } from './source';
import { breathing } from './tasks';

const CHUNK = 4 * 65536; // characters of base64, about a millisecond each

/** Bytes of base64 text of zlib data, in steps that leave the page time to react. */
export async function inflateBase64(text: string, place: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  const trimmed = text.trim();
  const breathe = breathing(signal);
  let at = 0;
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await breathe();
      if (at >= trimmed.length) return controller.close();
      controller.enqueue(bytesOf(trimmed.slice(at, at + CHUNK)));
      at += CHUNK;
    },
  });
  try {
    return await new Response(bytes.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer();
  } catch {
    signal?.throwIfAborted();
    throw new MessageError(`${place}: the data cannot be unpacked`, 'The file is damaged; export it again.');
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
