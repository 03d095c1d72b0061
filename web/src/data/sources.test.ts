// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { fillPage, packDocuments } from '../testing/page';
import { writeSafetensors } from '../testing/safetensors';
import { syntheticDocument } from '../testing/synthetic';
import { fileSource } from './file_source';
import { notebookSource, type WidgetModel } from './notebook_source';
import { MessageError } from './source';
import { isExact } from './weights';
import { DocumentWeights } from './weights_of';

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
  type Listener = Parameters<WidgetModel['on']>[1];
  interface Asked {
    kind: string;
    id: number;
    document: string;
    name: string;
  }

  /** A model whose bytes lie somewhere in a message, and a program that may answer. */
  function model(answer: (asked: Asked, listeners: Set<Listener>) => void = () => {}): WidgetModel {
    const { index, bytes } = packDocuments(documents);
    const listeners = new Set<Listener>();
    const parts = Object.fromEntries([...bytes].map(([id, data]) => [id, message(data)]));
    return {
      get: ((name: string) => (name === 'index' ? index : parts)) as WidgetModel['get'],
      on: (_, listener) => listeners.add(listener),
      off: (_, listener) => listeners.delete(listener),
      send: (asked) => setTimeout(() => answer(asked as Asked, listeners)),
    };
  }
  function message(data: Uint8Array): DataView {
    const whole = new Uint8Array(data.length + 3);
    whole.set(data, 3);
    return new DataView(whole.buffer, 3);
  }
  const exact = new Map([['weights', { shape: [40, 40], data: new Float32Array(1600).fill(1 / 40) }]]);

  it('reads documents from unaligned messages', async () => {
    const { source } = notebookSource(model());
    for (const [i, { report, parts }] of documents.entries()) {
      expect(await source.report(String(i))).toEqual(report);
      for (const [name, tensors] of parts) expect(await source.part(String(i), name)).toEqual(tensors);
    }
  });

  it('asks for other parts, and listens to its own answer', async () => {
    const asked: Asked[] = [];
    const program = model((what, listeners) => {
      asked.push(what);
      for (const listen of listeners) {
        listen({ kind: 'part', id: what.id + 1 }, []);
        listen({ ...what }, [message(new Uint8Array(writeSafetensors(exact)))]);
      }
    });
    const { source } = notebookSource(program);
    expect(await source.part('1', 'head.0.1')).toEqual(exact);
    expect(asked).toEqual([{ kind: 'part', id: 1, document: '1', name: 'head.0.1' }]);
    expect(isExact(await new DocumentWeights(source, '1', documents[1]!.report).mean(null, null))).toBe(true);
  });

  it('hands on what the program says is wrong', async () => {
    const program = model((what, listeners) => {
      for (const listen of listeners) listen({ ...what, error: { message: 'no such part', hint: 'look' } }, []);
    });
    await expect(notebookSource(program).source.part('0', 'head.9.9')).rejects.toThrow(
      new MessageError('no such part', 'look'),
    );
  });

  it('makes do with its own parts where nobody answers', async () => {
    let asked = 0;
    const { source } = notebookSource(
      model(() => ++asked),
      20,
    );
    await expect(source.part('1', 'head.0.1')).rejects.toThrow('part head.0.1: the notebook does not answer');
    const of = new DocumentWeights(source, '1', documents[1]!.report);
    expect(isExact(await of.head(0, 1))).toBe(false);
    expect(isExact(await of.head(1, 2))).toBe(false);
    expect(asked).toBe(2);
  });

  it('stops waiting when nobody waits', async () => {
    const { source } = notebookSource(model(), 20);
    const abort = new AbortController();
    const part = source.part('0', 'head.0.1', abort.signal);
    abort.abort();
    await expect(part).rejects.toMatchObject({ name: 'AbortError' });
  });
});
