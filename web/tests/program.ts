// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CHROMIUM } from './chromium';

export const ROOT = resolve(import.meta.dirname, '../..');
const program = join(process.env.ATTNSCOPE_BUILD_DIR ?? join(ROOT, 'build/release'), 'cli/attnscope');

/** Why the tests with the program and a browser cannot run; empty if they can. */
export const MISSING = !existsSync(program) ? `${program} is not built` : CHROMIUM ? '' : 'Chromium is not installed';
if (MISSING) console.warn(`Pages of the program are not tested: ${MISSING}`);

export const SENTENCE = 'John Smith works for Google in New York.';

/** A folder for one file of tests. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'attnscope-page-'));

  run(...args: string[]): string {
    return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Writes the one-file page of some texts; its path. */
  page(name: string, texts: string[], ...options: string[]): string {
    const path = join(this.folder, `${name}.html`);
    this.run('export', ...texts, '-o', path, ...options);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `attnscope serve`, until `stop`. */
export class ServeProcess {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  static async start(...options: string[]): Promise<ServeProcess> {
    const child = spawn(program, ['serve', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
    const url = await new Promise<string>((found, failed) => {
      let text = '';
      child.stdout?.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        const line = /http:\/\/\S+/.exec(text);
        if (line && text.includes('\n')) found(line[0]);
      });
      child.once('exit', (code) => failed(new Error(`attnscope serve ended with ${code} before it served`)));
    });
    return new ServeProcess(child, url);
  }

  stop(): Promise<number | null> {
    const ended = new Promise<number | null>((done) => this.process.once('exit', done));
    this.process.kill('SIGINT');
    return ended;
  }
}
