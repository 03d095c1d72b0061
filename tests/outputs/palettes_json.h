// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>

#include "outputs/palette.h"

namespace attnscope {

/// The colour tables as the viewer reads them: a name and 256 times six hexadecimal figures a line.
inline std::string palettes_json() {
  std::string json;
  for (const Palette* palette : {&cividis(), &viridis(), &paper(), &difference()}) {
    json += fmt::format("{}  \"{}\": \"", json.empty() ? "{\n" : ",\n", palette->name);
    for (const Rgb color : palette->colors)
      json += fmt::format("{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
    json += '"';
  }
  return json + "\n}\n";
}

}  // namespace attnscope
