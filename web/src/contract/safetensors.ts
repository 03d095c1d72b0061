// SPDX-License-Identifier: Apache-2.0
export type TypedArray = Float32Array | Uint8Array | Uint16Array | Int32Array;

export interface Tensor {
  shape: number[];
  data: TypedArray;
}

export type Tensors = Map<string, Tensor>;
