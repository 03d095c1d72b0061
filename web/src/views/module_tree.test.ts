// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { attentionModules, editsWithin, matching, nearest, outputsOf, treeOf } from './module_tree';

const module = (path: string) => ({ path, type: 'T', outputs: [{ shape: [1, 2, 3], dtype: 'float32' }] });
const modules = ['', 'encoder', 'encoder.layer.0', 'encoder.layer.0.attn', 'encoder.layer.1.attn', 'head'].map(module);

it('makes containers that no hook fires on', () => {
  const [encoder, head] = treeOf(modules);
  expect(head?.children).toEqual([]);
  expect(encoder?.module?.path).toBe('encoder');
  const layer = encoder?.children[0];
  expect(layer?.module).toBeNull();
  expect(layer?.children.map((node) => [node.name, node.module !== null])).toEqual([
    ['0', true],
    ['1', false],
  ]);
});

describe('search', () => {
  const paths = (query: string) => matching(modules, query).map((entry) => entry.path);
  it('wants all words and takes a star for part of a name', () => {
    expect(paths('attn')).toEqual(['encoder.layer.0.attn', 'encoder.layer.1.attn']);
    expect(paths('attn 1')).toEqual(['encoder.layer.1.attn']);
    expect(paths('layer.*.attn')).toEqual(['encoder.layer.0.attn', 'encoder.layer.1.attn']);
    expect(paths('encoder*attn')).toEqual([]);
    expect(paths('(')).toEqual([]);
  });
  it('offers what was nearly written', () => {
    expect(nearest(modules, 'layer.1.atn')[0]).toBe('encoder.layer.1.attn');
    expect(nearest(modules, 'zzzzzz')).toEqual([]);
    expect(nearest(modules, '')).toEqual([]);
  });
});

it('counts edits within a text', () => {
  expect(editsWithin('abc', 'xxabcxx')).toBe(0);
  expect(editsWithin('abc', 'xxacxx')).toBe(1);
  expect(editsWithin('abc', '')).toBe(3);
});

it('prints outputs and finds attention', () => {
  expect(outputsOf(module('a'))).toEqual(['float32 [1, 2, 3]']);
  expect(attentionModules(modules).map((entry) => entry.path)).toEqual([
    'encoder.layer.0.attn',
    'encoder.layer.1.attn',
  ]);
});
