// SPDX-License-Identifier: Apache-2.0
import { expect, it, vi } from 'vitest';
import { DEFAULT_STATE } from '../state/defaults';
import { Store } from '../state/store';
import { syntheticSource } from '../testing/synthetic';
import { App } from './app.svelte';
import { runCommand, withPin } from './run_command';

async function opened() {
  const source = syntheticSource({ layers: 2, heads: 3, tokens: 6 });
  const store = new Store({ ...DEFAULT_STATE, layer: 0, head: 0 });
  const never = () => {
    throw new Error('not wanted here');
  };
  const app = new App({
    source,
    store,
    renderer: null as never,
    weights: () => null as never,
    shape: never,
    look: never,
  });
  app.start();
  await vi.waitFor(() => expect(app.report).not.toBeNull());
  const frame = { help: vi.fn(), find: vi.fn(), figure: vi.fn() };
  return { app, frame, run: (command: Parameters<typeof runCommand>[2]) => runCommand(app, frame, command) };
}

it('opens views, and nothing for a view there is not', async () => {
  const { app, run } = await opened();
  expect(run('view-3')).toBe(true);
  expect(app.state.view).toBe('model');
});

it('stays inside layers and heads, and moves a choice of one along', async () => {
  const { app, run } = await opened();
  run('previous-layer');
  expect(app.state.layer).toBe(0);
  app.set({ layers: [0] });
  run('next-layer');
  run('next-layer');
  expect([app.state.layer, app.state.layers]).toEqual([1, [1]]);
  run('next-head');
  expect([app.state.head, app.state.heads]).toEqual([1, null]);
});

it('goes round the treatments of special tokens and undoes it', async () => {
  const { app, run } = await opened();
  for (const expected of ['hide', 'renormalise', 'show']) {
    run('special');
    expect(app.state.special).toBe(expected);
  }
  run('undo');
  expect(app.state.special).toBe('renormalise');
});

it('asks the frame for help', async () => {
  const { frame, run } = await opened();
  expect(run('help')).toBe(true);
  expect(frame.help).toHaveBeenCalledOnce();
});

it('pins at most four heads and lets a pinned one go', () => {
  const four: [number, number][] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
  ];
  expect(withPin(four, [0, 1])).toEqual([
    [0, 0],
    [0, 2],
    [1, 0],
  ]);
  expect(withPin(four, [1, 1])).toEqual([
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
  ]);
});
