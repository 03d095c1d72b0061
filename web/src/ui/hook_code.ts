// SPDX-License-Identifier: Apache-2.0
import type { ModelFacts, ModuleFacts } from '../contract/report';

/** Python that prints what the hooked modules give; the text is a literal of Python. */
export function pythonHooks(modules: ModuleFacts[], model: ModelFacts, text: string): string {
  const architecture = /^[A-Za-z]\w*$/.test(model.architecture ?? '') ? model.architecture! : 'DistilBertModel';
  const tokenizer = `${architecture.replace(/(Model|For\w+)$/, '')}Tokenizer`;
  const hooks = modules.map((module) => `model.get_submodule(${quoted(module.path)}).register_forward_hook(show)`);
  return [
    `from attnscope import ${architecture}, ${tokenizer}`,
    '',
    `tokenizer = ${tokenizer}.from_pretrained(${quoted(model.source)})`,
    `model = ${architecture}.from_pretrained(${quoted(model.source)})`,
    '',
    '',
    'def show(module, args, output):',
    '    outputs = output if isinstance(output, tuple) else (output,)',
    '    print(module.path, [value.shape for value in outputs])',
    '',
    '',
    ...hooks,
    `model(**tokenizer(${quoted(text)}, return_tensors="np"))`,
    '',
  ].join('\n');
}

/** The same in C++. */
export function cppHooks(modules: ModuleFacts[], model: ModelFacts, text: string): string {
  const paths = modules.map((module) => `    run.register_forward_hook(${quoted(module.path)}, show),`);
  return [
    '#include <attnscope/attnscope.h>',
    '',
    '#include <iostream>',
    '#include <vector>',
    '',
    'int main() {',
    `  const auto model = attnscope::Model::load(${quoted(model.source)});`,
    '  attnscope::Run run(model);',
    '  const auto show = [](attnscope::HookEvent& event) {',
    '    for (std::size_t i = 0; i < event.num_outputs(); ++i)',
    "      std::cout << event.path() << ' ' << attnscope::to_string(event.output(i).view().shape()) << '\\n';",
    '  };',
    '  attnscope::HookHandle handles[] = {',
    ...paths.map((line) => line),
    '  };',
    `  run(${quoted(text)});`,
    '}',
    '',
  ].join('\n');
}

/** A string literal of Python and of C++ alike. */
export function quoted(text: string): string {
  const safe = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${safe}"`;
}
