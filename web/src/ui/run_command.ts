// SPDX-License-Identifier: Apache-2.0
import type { Command } from '../state/keyboard';
import type { ViewState } from '../state/types';
import type { App } from './app.svelte';
import { measuresOf } from './measures';
import { VIEWS } from './views';

/** What the frame does for keys that open something. */
export interface FrameCommands {
  help(): void;
  find(): void;
  figure(): void;
}

const SPECIAL: ViewState['special'][] = ['show', 'hide', 'renormalise'];
const MOST_PINNED = 4;

/** Does what a key asks for; false where there is nothing to do. */
export function runCommand(app: App, frame: FrameCommands, command: Command): boolean {
  const { state, report } = app;
  if (command.startsWith('view-')) {
    const view = VIEWS[Number(command.slice(5)) - 1];
    if (view) app.set({ view: view.name });
    return view !== undefined;
  }
  if (!report) return false;
  const actions: Partial<Record<Command, () => void>> = {
    'previous-layer': () => move(app, 'layer', -1),
    'next-layer': () => move(app, 'layer', 1),
    'previous-head': () => move(app, 'head', -1),
    'next-head': () => move(app, 'head', 1),
    unit: () => app.set({ unit: state.unit === 'word' ? 'token' : 'word', selected: [] }),
    special: () => app.set({ special: next(SPECIAL, state.special) }),
    swap: () => app.set({ direction: state.direction === 'from' ? 'to' : 'from' }),
    measure: () => app.set({ measure: next(measuresOf(report), state.measure) }),
    pin: () => app.set({ pinned: withPin(state.pinned, [state.layer, state.head]) }),
    clear: () => clear(app),
    undo: () => app.store.undo(),
    redo: () => app.store.redo(),
    help: frame.help,
    find: frame.find,
    figure: frame.figure,
  };
  const action = actions[command];
  action?.();
  return action !== undefined;
}

/** To the layer or head beside; where aggregating views show one alone, to that too. */
function move(app: App, what: 'layer' | 'head', by: 1 | -1): void {
  const count = what === 'layer' ? app.report!.layers.length : app.report!.heads.length;
  const to = Math.max(0, Math.min(count - 1, app.state[what] + by));
  const list = what === 'layer' ? 'layers' : 'heads';
  const alone = app.state[list]?.length === 1 ? { [list]: [to] } : {};
  app.set({ [what]: to, ...alone });
  app.inspect({ ...app.cell, [what]: to });
  app.readOut(`${app.layerName(app.state.layer)} ${app.headName(app.state.head)}`);
}

function clear(app: App): void {
  app.set({ selected: [] });
  app.inspect({});
}

function next<T>(list: T[], value: T): T {
  return list[(list.indexOf(value) + 1) % list.length]!;
}

/** Pinned is let go, not pinned is added; of too many the first goes. */
export function withPin(pinned: [number, number][], head: [number, number]): [number, number][] {
  const others = pinned.filter(([layer, number]) => layer !== head[0] || number !== head[1]);
  return others.length < pinned.length ? others : [...others, head].slice(-MOST_PINNED);
}
