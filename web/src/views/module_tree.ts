// SPDX-License-Identifier: Apache-2.0
import type { ModuleFacts } from '../contract/report';

export interface ModuleNode {
  /** The last part of the path. */
  name: string;
  path: string;
  /** Null: a container that is never called, so no hook fires on it. */
  module: ModuleFacts | null;
  children: ModuleNode[];
}

/** Dotted paths as a tree, in the order given. The module without a path (the model itself) stays out. */
export function treeOf(modules: ModuleFacts[]): ModuleNode[] {
  const nodes = new Map<string, ModuleNode>();
  const roots: ModuleNode[] = [];
  const reach = (path: string): ModuleNode => {
    const known = nodes.get(path);
    if (known) return known;
    const dot = path.lastIndexOf('.');
    const node: ModuleNode = { name: path.slice(dot + 1), path, module: null, children: [] };
    nodes.set(path, node);
    (dot < 0 ? roots : reach(path.slice(0, dot)).children).push(node);
    return node;
  };
  for (const module of modules) {
    if (module.path !== '') reach(module.path).module = module;
  }
  return roots;
}

/** The modules whose path contains the words of the query, `*` being any part of a name. */
export function matching(modules: ModuleFacts[], query: string): ModuleFacts[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const tests = words.map((word) => new RegExp(word.split('*').map(escaped).join('[^.]*')));
  return modules.filter((module) => module.path !== '' && tests.every((test) => test.test(module.path.toLowerCase())));
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Paths nearest to a query that matches none: by the fewest edits to any part of the path. */
export function nearest(modules: ModuleFacts[], query: string, count = 3): string[] {
  const text = query.trim().toLowerCase();
  if (text === '') return [];
  return modules
    .filter((module) => module.path !== '')
    .map((module) => ({ path: module.path, edits: editsWithin(text, module.path.toLowerCase()) }))
    .filter((entry) => entry.edits <= Math.max(1, text.length / 3))
    .sort((a, b) => a.edits - b.edits || a.path.length - b.path.length)
    .slice(0, count)
    .map((entry) => entry.path);
}

/** The fewest insertions, deletions and replacements that make `needle` a part of `text` (Sellers 1980). */
export function editsWithin(needle: string, text: string): number {
  let column = Array.from({ length: needle.length + 1 }, (_, i) => i);
  let fewest = needle.length;
  for (const letter of text) {
    const next = [0];
    for (let i = 1; i <= needle.length; ++i) {
      const replaced = column[i - 1]! + (needle[i - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, column[i]! + 1, next[i - 1]! + 1));
    }
    column = next;
    fewest = Math.min(fewest, column[needle.length]!);
  }
  return fewest;
}

/** "float32 [1, 12, 9, 9]" for each output. */
export function outputsOf(module: ModuleFacts): string[] {
  return module.outputs.map((output) => `${output.dtype} [${output.shape.join(', ')}]`);
}

/** The modules that hand out attention weights, in the order of the layers. */
export function attentionModules(modules: ModuleFacts[]): ModuleFacts[] {
  return modules.filter((module) => module.path.endsWith('.attn'));
}
