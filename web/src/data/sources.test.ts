// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { fillPage, packDocuments } from '../testing/page';
import { syntheticDocument } from '../testing/synthetic';
import { fileSource } from './file_source';
import { notebookSource, type WidgetModel } from './notebook_source';
import { MessageError } from './source';

const documents = [
  syntheticDocument({ tokens: 9, layers: 2, heads: 2 }),
  syntheticDocument({ tokens: 40, layers: 2, heads: 3, data: 'u8' }),
];

describe('fileSource', () => {
  beforeEach(() => fillPage(document, documents));

  it('gives reports and parts as they were written', async () => {
    const { source, index } = fileSource();
    expect(index.view).toBe('view=model');
    expect(source.documents()).toEqual(documents.map(({ report }, i) => ({ id: String(i), title: report.text })));
    for (const [i, { report, parts }] of documents.entries()) {
      expect(await source.report(String(i))).toEqual(report);
      for (const [name, tensors] of parts) expect(await source.part(String(i), name)).toEqual(tensors);
    }
  });

  it('says what is not there', async () => {
    const { source } = fileSource();
    await expect(source.report('2')).rejects.toThrow('document 2: not here');
    await expect(source.report('length')).rejects.toThrow(MessageError);
    await expect(source.part('0', 'head.0.1')).rejects.toThrow('part head.0.1: not here');
    document.getElementById('part-0-layer.0')!.remove();
    await expect(source.part('0', 'layer.0')).rejects.toThrow('#part-0-layer.0: missing in the page');
  });

  it('refuses damaged bytes', async () => {
    const { source } = fileSource();
    const script = document.getElementById('part-1-layer.0')!;
    script.textContent = script.textContent!.slice(0, 400);
    await expect(source.part('1', 'layer.0')).rejects.toThrow('part-1-layer.0: the data cannot be unpacked');
    script.textContent = '***';
    await expect(source.part('1', 'layer.0')).rejects.toThrow(MessageError);
  });

  it('stops unpacking when nobody waits', async () => {
    const { source } = fileSource();
    const abort = new AbortController();
    const part = source.part('1', 'layer.1', abort.signal);
    abort.abort();
    await expect(part).rejects.toMatchObject({ name: 'AbortError' });
    await expect(source.part('1', 'layer.1')).resolves.toEqual(documents[1]!.parts.get('layer.1'));
  });

  it('refuses an index that is none', () => {
    const script = document.getElementById('attnscope-index')!;
    script.textContent = '{"documents": [{"title": 1}], "view": ""}';
    expect(() => fileSource()).toThrow('page data: /documents/0/title: 1, expected a string');
    script.remove();
    expect(() => fileSource()).toThrow('#attnscope-index: missing in the page');
  });
});

describe('notebookSource', () => {
  /** A model whose bytes lie somewhere in a message. */
  function model(): WidgetModel {
    const { index, bytes } = packDocuments(documents);
    const parts: Record<string, DataView> = {};
    for (const [id, data] of bytes) {
      const message = new Uint8Array(data.length + 3);
      message.set(data, 3);
      parts[id] = new DataView(message.buffer, 3);
    }
    return {
      get: ((name: string) => (name === 'index' ? index : parts)) as WidgetModel['get'],
      on: () => {},
      off: () => {},
    };
  }

  it('reads documents from unaligned messages', async () => {
    const { source } = notebookSource(model());
    for (const [i, { report, parts }] of documents.entries()) {
      expect(await source.report(String(i))).toEqual(report);
      for (const [name, tensors] of parts) expect(await source.part(String(i), name)).toEqual(tensors);
    }
  });
});
