// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, describeKeys, listenToKeys, loadKeySettings, saveKeySettings } from './keyboard';

function press(target: EventTarget, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

describe('keys of the views', () => {
  const commands: Command[] = [];
  let view: HTMLElement;
  let other: HTMLElement;
  let end = () => {};

  beforeEach(() => {
    localStorage.clear();
    commands.length = 0;
    document.body.innerHTML =
      '<main><button></button><input><input type="range"><textarea></textarea></main><nav><a></a></nav>';
    [view, other] = [document.querySelector('main')!, document.querySelector('nav')!];
    const inView = (target: EventTarget | undefined) => target instanceof Element && target.closest('main') !== null;
    end = listenToKeys(document, inView, (command) => {
      commands.push(command);
      return command !== 'pin';
    });
  });
  afterEach(() => end());

  it('work while the view has the focus', () => {
    const event = press(view.querySelector('button')!, ']');
    expect(commands).toEqual(['next-layer']);
    expect(event.defaultPrevented).toBe(true);
    press(other.querySelector('a')!, ']');
    expect(commands).toHaveLength(1);
  });

  it('leave text fields alone, not sliders', () => {
    for (const field of view.querySelectorAll('input, textarea')) press(field, 'w');
    expect(commands).toEqual(['unit']);
  });

  it('leave alone what a picture handled and what is not used', () => {
    view.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
    press(view, 'w');
    expect(commands).toEqual([]);
    expect(press(view, 'p').defaultPrevented).toBe(false);
    expect(press(view, 'q').defaultPrevented).toBe(false);
  });

  it('know Ctrl, Command, Shift and Alt', () => {
    press(view, 'z', { ctrlKey: true });
    press(view, 'Z', { metaKey: true, shiftKey: true });
    press(view, 'w', { ctrlKey: true });
    press(view, 'w', { altKey: true });
    press(view, '?', { shiftKey: true });
    expect(commands).toEqual(['undo', 'redo', 'help']);
  });

  it('can be changed', () => {
    saveKeySettings({ off: false, keys: { unit: 'u' } });
    press(view, 'w');
    press(view, 'u');
    expect(commands).toEqual(['unit']);
    expect(describeKeys()).toContainEqual({ keys: 'u', what: 'words or tokens', command: 'unit' });
  });

  it('can be switched off', () => {
    saveKeySettings({ off: true, keys: {} });
    press(view, 'w');
    expect(commands).toEqual([]);
    expect(describeKeys().map(({ keys }) => keys)).toEqual(['Arrows', 'Home, End', '+, -, 0', 'Enter']);
  });

  it('survive storage that holds something else, or is forbidden', () => {
    for (const text of ['x', 'null', '3', '{"keys": {"unit": 5, "other": "o"}, "off": "yes"}']) {
      localStorage.setItem('attnscope.keys', text);
      expect(loadKeySettings()).toEqual({ off: false, keys: {} });
    }
    const forbidden = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    press(view, 'w');
    expect(commands).toEqual(['unit']);
    forbidden.mockRestore();
  });

  it('each have one command', () => {
    const keys = describeKeys().map((entry) => entry.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
