// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { joinSafetensors, writeSafetensors } from '../testing/safetensors';
import { readSafetensors, type Tensors } from './safetensors';

const tensors: Tensors = new Map([
  ['a', { shape: [2, 2], data: Float32Array.of(0.5, -1, 3, 1e-20) }],
  ['b', { shape: [2], data: Int32Array.of(-7, 2147483647) }],
  ['c', { shape: [3], data: Uint16Array.of(0, 1, 65535) }],
  ['d', { shape: [2, 0], data: Uint8Array.of() }],
  ['e', { shape: [], data: Uint8Array.of(200) }],
]);

describe('readSafetensors', () => {
  it('gives back what was written, without a copy', () => {
    const buffer = writeSafetensors(tensors);
    const read = readSafetensors(buffer);
    expect(read).toEqual(tensors);
    for (const tensor of read.values()) expect(tensor.data.buffer).toBe(buffer);
  });

  it('lets metadata through', () => {
    const read = readSafetensors(joinSafetensors({ __metadata__: { a: 'b' } }, 0));
    expect(read.size).toBe(0);
  });

  const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  it.each<[string, () => ArrayBuffer, RegExp]>([
    ['too short', () => new ArrayBuffer(7), /7 bytes, expected at least 8/],
    ['truncated header', () => writeSafetensors(tensors).slice(0, 20), /a header of \d+ bytes in a file of 20/],
    ['truncated data', () => writeSafetensors(tensors).slice(0, -1), /'e' ends at byte \d+ of \d+/],
    ['header of 2^64 - 1 bytes', () => new Uint8Array(64).fill(255).buffer, /a header of 18446744073709551615 bytes/],
    ['no JSON', () => joinSafetensors('{"a":', 0), /the header is not JSON/],
    ['a list', () => joinSafetensors('[]', 0), /the header is not an object/],
    ['unknown dtype', () => joinSafetensors({ a: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] } }, 2), /"BF16"/],
    [
      'inherited dtype',
      () => joinSafetensors({ a: { dtype: 'toString', shape: [], data_offsets: [0, 1] } }, 1),
      /dtype/,
    ],
    ['negative size', () => joinSafetensors({ a: f32(0, 4, [-1]) }, 4), /the shape \[-1\]/],
    ['wrong size', () => joinSafetensors({ a: f32(0, 4, [2]) }, 4), /'a' has 4 bytes, expected 8/],
    ['backward offsets', () => joinSafetensors({ a: f32(8, 4, [1]) }, 8), /data_offsets \[8,4\]/],
    ['outside', () => joinSafetensors({ a: f32(0, 8) }, 4), /'a' ends at byte/],
    [
      'a gap',
      () => joinSafetensors({ a: f32(0, 4), b: f32(8, 12) }, 12),
      /'b' begins at byte 8 of the data, expected 4/,
    ],
    ['an overlap', () => joinSafetensors({ a: f32(0, 8), b: f32(4, 12) }, 12), /'b' begins at byte 4/],
    ['a rest', () => joinSafetensors({ a: f32(0, 4) }, 6), /2 bytes behind the last tensor/],
    [
      'misaligned',
      () => joinSafetensors({ u: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, a: f32(1, 5) }, 5),
      /aligned/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(() => readSafetensors(make())).toThrow(message);
  });
});
