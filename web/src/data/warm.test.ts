// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { syntheticSource } from '../testing/synthetic';
import type { Source } from './source';
import { warmLayers } from './warm';

async function asked(change: Partial<Source>, signal = new AbortController().signal): Promise<string[]> {
  const source = syntheticSource();
  const id = source.documents()[0]!.id;
  const names: string[] = [];
  const watched = {
    ...change,
    documents: () => source.documents(),
    report: (document: string) => source.report(document),
    part: (document: string, name: string) => {
      names.push(name);
      return source.part(document, name);
    },
  } as Source;
  await warmLayers(watched, id, await source.report(id), signal);
  return names;
}

test('the layers of a file are unpacked in order', async () => {
  const names = await asked({ kind: 'file' });
  expect(names.length).toBeGreaterThan(1);
  expect(names).toEqual(names.map((_, i) => `layer.${i}`));
});

test('a server is not asked, nor is anybody after the end', async () => {
  expect(await asked({ kind: 'server' })).toEqual([]);
  const abort = new AbortController();
  abort.abort();
  expect(await asked({ kind: 'file' }, abort.signal)).toEqual([]);
});
