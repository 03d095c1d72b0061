// SPDX-License-Identifier: Apache-2.0
/**
 * Keys of the views. They work only while a view has the focus, each can be changed and all can be switched off
 * (WCAG 2.2, 2.1.4). Keys that move within a picture belong to the picture.
 */

export type Command =
  | 'previous-layer'
  | 'next-layer'
  | 'previous-head'
  | 'next-head'
  | 'view-1'
  | 'view-2'
  | 'view-3'
  | 'view-4'
  | 'view-5'
  | 'view-6'
  | 'view-7'
  | 'find'
  | 'unit'
  | 'special'
  | 'swap'
  | 'measure'
  | 'pin'
  | 'figure'
  | 'clear'
  | 'undo'
  | 'redo'
  | 'help';

/** As `KeyboardEvent.key` says, "Ctrl+" (or Command) and "Shift+" before it; Shift only before letters of Ctrl. */
const DEFAULT_KEYS: Record<Command, string> = {
  'previous-layer': '[',
  'next-layer': ']',
  'previous-head': ',',
  'next-head': '.',
  'view-1': '1',
  'view-2': '2',
  'view-3': '3',
  'view-4': '4',
  'view-5': '5',
  'view-6': '6',
  'view-7': '7',
  find: '/',
  unit: 'w',
  special: 's',
  swap: 'x',
  measure: 'm',
  pin: 'p',
  figure: 'e',
  clear: 'Escape',
  undo: 'Ctrl+z',
  redo: 'Ctrl+Shift+z',
  help: '?',
};

const WHAT: Record<Command, string> = {
  'previous-layer': 'layer before',
  'next-layer': 'next layer',
  'previous-head': 'head before',
  'next-head': 'next head',
  'view-1': 'Words',
  'view-2': 'Head',
  'view-3': 'Model',
  'view-4': 'Query/Key',
  'view-5': 'Heads',
  'view-6': 'Layers',
  'view-7': 'Compare',
  find: 'find a token',
  unit: 'words or tokens',
  special: 'special tokens: show, hide, leave out',
  swap: 'swap from and to',
  measure: 'next measure',
  pin: 'pin the head',
  figure: 'make a figure',
  clear: 'clear the selection',
  undo: 'undo',
  redo: 'redo',
  help: 'help',
};

/** Keys of the pictures themselves, which cannot be changed. */
const PICTURE_KEYS = [
  { keys: 'Arrows', what: 'move the word or cell' },
  { keys: 'Home, End', what: 'first and last of the row' },
  { keys: '+, -, 0', what: 'zoom in, out, all' },
  { keys: 'Enter', what: 'choose, or open' },
];

export interface KeySettings {
  off: boolean;
  /** Keys that differ from the usual ones. */
  keys: Partial<Record<Command, string>>;
}

const STORAGE = 'attnscope.keys';

/** As a person has set them on this machine; the usual ones where nothing is stored. */
export function loadKeySettings(): KeySettings {
  const settings: KeySettings = { off: false, keys: {} };
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE) ?? '{}') as Partial<KeySettings>;
    settings.off = stored.off === true;
    for (const command of Object.keys(DEFAULT_KEYS) as Command[]) {
      const key = stored.keys?.[command];
      if (typeof key === 'string' && key !== '') settings.keys[command] = key;
    }
  } catch {
    // Storage may be forbidden or hold something else; then the usual keys work.
  }
  return settings;
}

export function saveKeySettings(settings: KeySettings): void {
  try {
    localStorage.setItem(STORAGE, JSON.stringify(settings));
  } catch {
    // The settings hold until the page is closed.
  }
}

/** What the help lists; keys with a command can be changed. */
export function describeKeys(settings = loadKeySettings()): { keys: string; what: string; command?: Command }[] {
  const changeable = settings.off
    ? []
    : (Object.keys(DEFAULT_KEYS) as Command[]).map((command) => ({
        keys: settings.keys[command] ?? DEFAULT_KEYS[command],
        what: WHAT[command],
        command,
      }));
  return [...PICTURE_KEYS, ...changeable];
}

/** A key as the settings call it. */
export function nameOfKey(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey;
  return control ? `Ctrl+${event.shiftKey ? 'Shift+' : ''}${event.key.toLowerCase()}` : event.key;
}

/** The command of a key, or undefined. */
export function commandOf(event: KeyboardEvent, settings: KeySettings): Command | undefined {
  if (settings.off || event.altKey) return undefined;
  const name = nameOfKey(event);
  return (Object.keys(DEFAULT_KEYS) as Command[]).find(
    (command) => (settings.keys[command] ?? DEFAULT_KEYS[command]) === name,
  );
}

/**
 * Runs commands for keys inside `root` whose target `hasFocus` accepts and that nobody handled before. `run` says
 * whether it did something; then the browser does not. The result ends it.
 */
export function listenToKeys(
  root: EventTarget,
  hasFocus: (target: EventTarget | undefined) => boolean,
  run: (command: Command) => boolean,
): () => void {
  const listener = (event: Event) => {
    const target = event.composedPath()[0];
    if (event.defaultPrevented || isTextField(target) || !hasFocus(target)) return;
    const command = commandOf(event as KeyboardEvent, loadKeySettings());
    if (command && run(command)) event.preventDefault();
  };
  root.addEventListener('keydown', listener);
  return () => root.removeEventListener('keydown', listener);
}

function isTextField(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=range])')
  );
}
