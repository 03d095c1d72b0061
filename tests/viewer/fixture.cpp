// SPDX-License-Identifier: Apache-2.0
#include "viewer/fixture.h"

#include "attnscope/viewer.h"

namespace attnscope {

std::map<std::string, std::string> make_fixture() {
  Run run(Model::load());
  std::map<std::string, std::string> files;
  for (const PageData data : {PageData::full, PageData::u8, PageData::topk}) {
    DocumentOptions options;
    options.data = data;
    if (data != PageData::full) options.top_k = 4;  // of 11: most of each row is only bounded
    const auto document = Document::of(run, "John Smith works for Google in New York.", options);
    const std::string folder = std::string(name(data)) + '/';
    files[folder + "report.json"] = document.report() + '\n';
    for (const std::string& part : document.parts())
      if (data == PageData::full || part == "overview" || part == "layer.0")
        files[folder + part + ".safetensors"] = document.part(part);
  }
  return files;
}

}  // namespace attnscope
