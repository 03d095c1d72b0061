// SPDX-License-Identifier: Apache-2.0
import type { ModelFacts, ModuleFacts } from '../contract/report';
import { cppQuoted, pythonQuoted } from '../quote';

/** Python that prints what the hooked modules give; as a script. */
export function pythonHooks(modules: ModuleFacts[], model: ModelFacts, text: string): string {
  const architecture = /^[A-Za-z]\w*$/.test(model.architecture ?? '') ? model.architecture! : 'DistilBertModel';
  const tokenizer = `${architecture.replace(/(Model|For\w+)$/, '')}Tokenizer`;
  const hooks = modules.map(
    (module) => `model.get_submodule(${pythonQuoted(module.path)}).register_forward_hook(show)`,
  );
  return [
    `from attnscope import ${architecture}, ${tokenizer}`,
    '',
    `tokenizer = ${tokenizer}.from_pretrained(${pythonQuoted(model.source)})`,
    `model = ${architecture}.from_pretrained(${pythonQuoted(model.source)})`,
    '',
    '',
    'def show(module, args, output):',
    '    outputs = output if isinstance(output, tuple) else (output,)',
    '    print(module.path, [value.shape for value in outputs])',
    '',
    '',
    ...hooks,
    `model(**tokenizer(${pythonQuoted(text)}, return_tensors="np"))`,
    '',
  ].join('\n');
}

/** The same in C++. */
export function cppHooks(modules: ModuleFacts[], model: ModelFacts, text: string): string {
  const paths = modules.map((module) => `    run.register_forward_hook(${cppQuoted(module.path)}, show),`);
  return [
    '#include <attnscope/attnscope.h>',
    '',
    '#include <iostream>',
    '#include <vector>',
    '',
    'int main() {',
    `  const auto model = attnscope::Model::load(${cppQuoted(model.source)});`,
    '  attnscope::Run run(model);',
    '  const auto show = [](attnscope::HookEvent& event) {',
    '    for (std::size_t i = 0; i < event.num_outputs(); ++i)',
    "      std::cout << event.path() << ' ' << attnscope::to_string(event.output(i).view().shape()) << '\\n';",
    '  };',
    '  attnscope::HookHandle handles[] = {',
    ...paths,
    '  };',
    `  run(${cppQuoted(text)});`,
    '}',
    '',
  ].join('\n');
}
