// SPDX-License-Identifier: Apache-2.0

/** The lines of a body as they arrive, without empty ones. */
export async function* readLines(answer: Response): AsyncGenerator<string> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += value ? decoder.decode(value, { stream: true }) : decoder.decode();
      const lines = rest.split('\n');
      rest = done ? '' : lines.pop()!;
      for (const line of lines) if (line.trim()) yield line;
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
