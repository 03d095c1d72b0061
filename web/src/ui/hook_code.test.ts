// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { syntheticDocument } from '../testing/synthetic';
import { cppHooks, pythonHooks } from './hook_code';

const report = syntheticDocument({ tokens: 6, layers: 1, heads: 1 }).report;
const modules = report.modules.filter((module) => module.path.endsWith('.attn'));

it('hooks every module in Python', () => {
  const code = pythonHooks(
    modules,
    { ...report.model, architecture: 'BertForTokenClassification', source: 'm"x' },
    'Hi',
  );
  expect(code).toContain('from attnscope import BertForTokenClassification, BertTokenizer\n');
  expect(code).toContain('from_pretrained("m\\"x")');
  expect(code).toContain(`model.get_submodule("${modules[0]?.path}").register_forward_hook(show)\n`);
  expect(code).toContain('model(**tokenizer("Hi", return_tensors="np"))\n');
});

it('never writes a class name that is not one', () => {
  expect(pythonHooks(modules, { ...report.model, architecture: 'x; import os' }, 'Hi')).not.toContain('import os');
});

it('hooks every module in C++', () => {
  const code = cppHooks(modules, report.model, 'Hi');
  expect(code).toContain(`    run.register_forward_hook("${modules[0]?.path}", show),\n`);
  expect(code).toContain('  run("Hi");\n');
});
