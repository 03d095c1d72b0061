// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Tensors } from '../contract/safetensors';
import { Loads } from './loads';

const tensors = (bytes: number): Tensors => new Map([['x', { shape: [bytes], data: new Uint8Array(bytes) }]]);

describe('Loads', () => {
  it('loads a part once for all who ask', async () => {
    let loaded = 0;
    const loads = new Loads(async () => {
      ++loaded;
      return tensors(10);
    });
    const [one, two] = await Promise.all([loads.part('a', 'p'), loads.part('a', 'p')]);
    expect(one).toBe(two);
    expect(await loads.part('a', 'p')).toBe(one);
    expect(loaded).toBe(1);
  });

  it('forgets the part that was not used for longest', async () => {
    const loaded: string[] = [];
    const loads = new Loads(async (_, name) => {
      loaded.push(name);
      return tensors(40);
    }, 100);
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await loads.part('d', name);
    expect(loaded).toEqual(['a', 'b', 'c', 'b']);
    expect(loads.bytes).toBe(80);
  });

  it('keeps a part over the limit until the next comes', async () => {
    const loads = new Loads(async () => tensors(500), 100);
    await loads.part('d', 'a');
    expect(loads.bytes).toBe(500);
    await loads.part('d', 'b');
    expect(loads.bytes).toBe(500);
  });

  it('aborts a load only when nobody waits for it', async () => {
    const aborted: boolean[] = [];
    const loads = new Loads(
      (_document, _name, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(true);
            reject(signal.reason);
          });
          setTimeout(() => resolve(tensors(1)), 5);
        }),
    );
    const [one, two] = [new AbortController(), new AbortController()];
    const first = loads.part('d', 'a', one.signal);
    const second = loads.part('d', 'a', two.signal);
    one.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await expect(second).resolves.toEqual(tensors(1));
    expect(aborted).toEqual([]);

    const third = loads.part('d', 'b', one.signal);
    await expect(third).rejects.toMatchObject({ name: 'AbortError' });
    const four = new AbortController();
    const fourth = loads.part('d', 'c', four.signal);
    four.abort();
    await expect(fourth).rejects.toMatchObject({ name: 'AbortError' });
    expect(aborted).toEqual([true]);
  });

  it('tries again after an error', async () => {
    let tries = 0;
    const loads = new Loads(async () => {
      if (++tries === 1) throw new Error('once');
      return tensors(1);
    });
    await expect(loads.part('d', 'a')).rejects.toThrow('once');
    await expect(loads.part('d', 'a')).resolves.toEqual(tensors(1));
  });
});
