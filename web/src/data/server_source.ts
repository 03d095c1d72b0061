// SPDX-License-Identifier: Apache-2.0
import { readReport } from '../contract/read_report';
import type { Report } from '../contract/report';
import { readSafetensors } from '../contract/safetensors';
import { readLines } from './lines';
import { Loads } from './loads';
import { type AblationAnswer, type DocumentEntry, MessageError, type Source } from './source';

/** Sends requests to the program behind the page and turns its errors into MessageErrors. */
type Ask = (path: string, body?: unknown, signal?: AbortSignal) => Promise<Response>;

/** The documents of `attnscope serve`. `first` is the one to open. */
export async function serverSource(token: string, base = ''): Promise<{ source: Source; first: string }> {
  const ask = asking(token, base);
  const model = (await json(ask('/api/model'))) as { examples: string[]; first: string | null };
  let entries = (await json(ask('/api/documents'))) as DocumentEntry[];
  const reports = new Map<string, Promise<Report>>();
  const at = (document: string, rest: string) => `/api/documents/${encodeURIComponent(document)}/${rest}`;
  const loads = new Loads(async (document, name, signal) => {
    const answer = await ask(at(document, `parts/${encodeURIComponent(name)}`), undefined, signal);
    return readSafetensors(await answer.arrayBuffer());
  });
  const source: Source = {
    kind: 'server',
    documents: () => entries,
    async report(id) {
      const begun = reports.get(id) ?? ask(at(id, 'report')).then(async (answer) => readReport(await answer.text()));
      reports.set(id, begun);
      begun.catch(() => reports.delete(id));
      return begun;
    },
    part: (document, name, signal) => loads.part(document, name, signal),
    live: {
      examples: model.examples,
      async run(text, signal) {
        const { id } = (await json(ask('/api/documents', { text }, signal))) as { id: string };
        entries = (await json(ask('/api/documents', undefined, signal))) as DocumentEntry[];
        return id;
      },
      ablate: async (document, heads, focus, signal) =>
        (await json(ask(at(document, 'ablate'), { heads, focus }, signal))) as AblationAnswer,
      scan: async (document, focus, progress, signal) =>
        scanned(await ask(at(document, 'scan'), { focus }, signal), progress),
      figure: async (document, request) => (await ask(at(document, 'figure'), request)).blob(),
    },
  };
  return { source, first: model.first ?? '' };
}

function asking(token: string, base: string): Ask {
  return async (path, body, signal) => {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    const request: RequestInit = { headers, signal: signal ?? null };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      request.method = 'POST';
      request.body = JSON.stringify(body);
    }
    let answer: Response;
    try {
      answer = await fetch(base + path, request);
    } catch {
      signal?.throwIfAborted();
      throw new MessageError(
        'attnscope does not answer',
        'Start attnscope serve again and open the address that it prints.',
      );
    }
    if (!answer.ok) throw await errorOf(answer);
    return answer;
  };
}

interface Problem {
  error?: { message?: string; hint?: string };
}

async function errorOf(answer: Response): Promise<MessageError> {
  const { error } = ((await answer.json().catch(() => null)) ?? {}) as Problem;
  if (error?.message) return new MessageError(error.message, error.hint ?? '');
  const hint = answer.status === 401 ? 'Open the address that attnscope serve prints; it holds the key.' : '';
  return new MessageError(`attnscope answered ${answer.status} ${answer.statusText}`.trim(), hint);
}

async function json(answer: Promise<Response>): Promise<unknown> {
  return (await answer).json();
}

type ScanLine = Partial<{ done: number; all: number; value: number; effect: number[][] }> & Problem;

async function scanned(answer: Response, progress: (done: number, all: number) => void) {
  for await (const text of readLines(answer)) {
    const line = JSON.parse(text) as ScanLine;
    if (line.error) throw new MessageError(line.error.message ?? 'the scan failed', line.error.hint ?? '');
    if (line.value !== undefined && line.effect) return { value: line.value, effect: line.effect };
    progress(line.done ?? 0, line.all ?? 0);
  }
  throw new MessageError('attnscope stopped before the scan was done', 'Measure again.');
}
