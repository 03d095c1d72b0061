// SPDX-License-Identifier: Apache-2.0
import type { Tensors } from '../contract/safetensors';

/** Bytes of a safetensors file whose data begin at a multiple of 64 bytes. */
export function writeSafetensors(tensors: Tensors): ArrayBuffer {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const dtype = { Float32Array: 'F32', Uint8Array: 'U8', Uint16Array: 'U16', Int32Array: 'I32' }[
      data.constructor.name
    ];
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  return joinSafetensors(header, end, (bytes) => {
    let at = 0;
    for (const { data } of tensors.values()) {
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
      at += data.byteLength;
    }
  });
}

/** A file with any header, right or wrong. */
export function joinSafetensors(
  header: unknown,
  size: number,
  fill: (data: Uint8Array) => void = () => {},
): ArrayBuffer {
  let json = typeof header === 'string' ? header : JSON.stringify(header);
  json += ' '.repeat((64 - ((8 + new TextEncoder().encode(json).length) % 64)) % 64);
  const head = new TextEncoder().encode(json);
  const buffer = new ArrayBuffer(8 + head.length + size);
  new DataView(buffer).setBigUint64(0, BigInt(head.length), true);
  new Uint8Array(buffer).set(head, 8);
  fill(new Uint8Array(buffer, 8 + head.length));
  return buffer;
}
