// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

struct ZipEntry {
  std::string name;
  std::string_view bytes;  ///< within those of the file
};

/// The entries of a zip file of stored (not compressed) entries, as ZipWriter and numpy.savez write it, with
/// their checksums checked. `label` names the file in errors.
/// Throws:  CheckpointError (ZIP) with the byte where it goes wrong.
[[nodiscard]] std::vector<ZipEntry> read_zip(std::string_view file, const std::string& label);

}  // namespace attnscope
