// SPDX-License-Identifier: Apache-2.0

/** Lets the page paint and take input before going on. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

/** Called within long work: waits for the next task when 20 ms of this one are over. */
export function breathing(signal?: AbortSignal): () => Promise<void> | undefined {
  let begin = performance.now();
  return () => {
    signal?.throwIfAborted();
    if (performance.now() - begin < 20) return undefined;
    return nextTask().then(() => {
      begin = performance.now();
      signal?.throwIfAborted();
    });
  };
}
