// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../testing/safetensors';
import { syntheticDocument } from '../testing/synthetic';
import { serverSource } from './server_source';
import { MessageError } from './source';

const made = syntheticDocument({ tokens: 9, layers: 2, heads: 2 });
const titles: { id: string; title: string }[] = [];
const asked: string[] = [];
let server: Server;
let base = '';

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const line = `${request.method} ${request.url} ${body}`.trim();
  asked.push(line);
  const send = (value: unknown, status = 200) => response.writeHead(status).end(JSON.stringify(value));
  if (request.headers.authorization !== 'Bearer secret') {
    send({ error: { code: 'TOKEN', message: 'no key', field: '', hint: 'look' } }, 401);
  } else if (line === 'GET /api/model') send({ model: {}, examples: ['a', 'b'], first: 'd1', limits: {} });
  else if (line === 'GET /api/documents') send(titles);
  else if (line.startsWith('POST /api/documents {')) {
    titles.push({ id: 'd2', title: JSON.parse(body).text });
    send({ id: 'd2', report: made.report });
  } else if (line === 'GET /api/documents/d1/report') send(made.report);
  else if (line === 'GET /api/documents/d1/parts/layer.1')
    response.end(new Uint8Array(writeSafetensors(made.parts.get('layer.1')!)));
  else if (line.includes('/parts/slow')) response.on('close', () => asked.push('closed'));
  else if (line.includes('/ablate')) send({ label: 'O', value: 1, ablated: 2, change: 1, labels: [] });
  else if (line === 'POST /api/documents/d1/scan {"focus":0}') {
    response.write('{"done": 1, "al');
    setTimeout(() => response.end('l": 2}\n{"done": 2, "all": 2}\n{"value": 3, "effect": [[0.5]]}\n'), 5);
  } else if (line.includes('/scan {"focus":1}')) response.end('{"done": 1, "all": 2}\n');
  else if (line.includes('/figure')) response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end('<svg/>');
  else response.writeHead(500).end('not JSON');
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  titles.splice(0, titles.length, { id: 'd1', title: 'first' });
  asked.length = 0;
});

describe('serverSource', () => {
  it('reads documents, reports and parts', async () => {
    const { source, first } = await serverSource('secret', base);
    expect(first).toBe('d1');
    expect(source.documents()).toEqual([{ id: 'd1', title: 'first' }]);
    expect(source.live!.examples).toEqual(['a', 'b']);
    expect(await source.report('d1')).toEqual(made.report);
    expect(await source.part('d1', 'layer.1')).toEqual(made.parts.get('layer.1'));
    await source.part('d1', 'layer.1');
    expect(asked.filter((line) => line.includes('layer.1'))).toHaveLength(1);
  });

  it('runs a text', async () => {
    const { source } = await serverSource('secret', base);
    expect(await source.live!.run('new "text"')).toBe('d2');
    expect(source.documents().at(-1)).toEqual({ id: 'd2', title: 'new "text"' });
  });

  it('reads the lines of a scan as they come', async () => {
    const { source } = await serverSource('secret', base);
    const steps: [number, number][] = [];
    const result = await source.live!.scan('d1', 0, (done, all) => steps.push([done, all]));
    expect(result).toEqual({ value: 3, effect: [[0.5]] });
    expect(steps).toEqual([
      [1, 2],
      [2, 2],
    ]);
    await expect(source.live!.scan('d1', 1, () => {})).rejects.toThrow('stopped before the scan was done');
  });

  it('ablates heads and makes figures', async () => {
    const { source } = await serverSource('secret', base);
    expect((await source.live!.ablate('d1', [[1, 0]], 0)).change).toBe(1);
    expect(asked.at(-1)).toBe('POST /api/documents/d1/ablate {"heads":[[1,0]],"focus":0}');
    const blob = await source.live!.figure('d1', { view: 'grid', format: 'svg' });
    expect(blob.type).toBe('image/svg+xml');
    expect(asked.at(-1)).toBe('POST /api/documents/d1/figure {"view":"grid","format":"svg"}');
  });

  it('closes the connection of what nobody waits for', async () => {
    const { source } = await serverSource('secret', base);
    const abort = new AbortController();
    const part = source.part('d1', 'slow', abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(part).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => asked.at(-1)).toBe('closed');
  });

  it('turns errors into messages', async () => {
    await expect(serverSource('wrong', base)).rejects.toThrow(new MessageError('no key', 'look'));
    const { source } = await serverSource('secret', base);
    await expect(source.report('../other')).rejects.toThrow('attnscope answered 500');
    expect(asked.at(-1)).toBe('GET /api/documents/..%2Fother/report');
    await expect(serverSource('secret', 'http://127.0.0.1:1')).rejects.toThrow('attnscope does not answer');
  });
});
