// SPDX-License-Identifier: Apache-2.0
import { MessageError } from '../data/source';

/** A value that takes a while. The last one stays until the next is there; what is no longer wanted is aborted. */
export class Loading<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<{ message: string; hint: string } | null>(null);

  /** To be called in an effect, whose end it returns. */
  start(work: (signal: AbortSignal) => Promise<T>): () => void {
    const abort = new AbortController();
    const settle = (value: T | null, error: unknown) => {
      if (abort.signal.aborted) return;
      if (value !== null) this.value = value;
      this.error = error === null ? null : describe(error);
    };
    work(abort.signal).then(
      (value) => settle(value, null),
      (error) => settle(null, error),
    );
    return () => abort.abort();
  }
}

function describe(error: unknown): { message: string; hint: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: error instanceof MessageError ? error.hint : '' };
}

/** Lets the page draw and answer between two slices of a long computation. */
export function nextSlice(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => (signal.aborted ? reject(signal.reason) : resolve()), 0);
  });
}
