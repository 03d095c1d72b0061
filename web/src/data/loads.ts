// SPDX-License-Identifier: Apache-2.0
import type { Tensors } from '../contract/safetensors';

interface Load {
  promise: Promise<Tensors>;
  abort: AbortController;
  waiting: number;
}

/**
 * Loads parts once, however many ask, and keeps the ones used last up to a limit in bytes. A load is aborted when
 * nobody waits for it any more.
 */
export class Loads {
  #running = new Map<string, Load>();
  #kept = new Map<string, { tensors: Tensors; bytes: number }>();
  #bytes = 0;

  constructor(
    private readonly load: (document: string, name: string, signal: AbortSignal) => Promise<Tensors>,
    private readonly limit = 128e6,
  ) {}

  async part(document: string, name: string, signal?: AbortSignal): Promise<Tensors> {
    signal?.throwIfAborted();
    const key = JSON.stringify([document, name]);
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept.tensors;
    }
    const load = this.#running.get(key) ?? this.#start(key, document, name);
    return this.#wait(key, load, signal);
  }

  /** Bytes of the parts that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  #start(key: string, document: string, name: string): Load {
    const abort = new AbortController();
    const promise = this.load(document, name, abort.signal);
    const load: Load = { promise, abort, waiting: 0 };
    this.#running.set(key, load);
    const done = () => {
      if (this.#running.get(key) === load) this.#running.delete(key);
    };
    promise.then((tensors) => {
      done();
      this.#keep(key, tensors);
    }, done);
    return load;
  }

  #wait(key: string, load: Load, signal?: AbortSignal): Promise<Tensors> {
    ++load.waiting;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal?.reason);
        if (--load.waiting > 0) return;
        if (this.#running.get(key) === load) this.#running.delete(key);
        load.abort.abort();
      };
      signal?.addEventListener('abort', leave, { once: true });
      load.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  }

  #keep(key: string, tensors: Tensors): void {
    let bytes = 0;
    for (const { data } of tensors.values()) bytes += data.byteLength;
    this.#kept.set(key, { tensors, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#kept) {
      if (this.#bytes <= this.limit || oldest === key) break;
      this.#kept.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
