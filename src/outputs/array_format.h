// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "attnscope/outputs.h"
#include "outputs/atomic_file.h"

namespace attnscope {

using Metadata = std::map<std::string, std::string>;

/// One way to write named arrays to a file.
class ArrayFormat {
 public:
  virtual ~ArrayFormat() = default;
  virtual void add(NamedArray array) = 0;
  virtual void finish(const Metadata& metadata) = 0;
};

/// npz: a zip file with one npy file for each array.
[[nodiscard]] std::unique_ptr<ArrayFormat> npz_format(AtomicFile& file);
/// safetensors: a JSON header, then the data.
[[nodiscard]] std::unique_ptr<ArrayFormat> safetensors_format(AtomicFile& file);

}  // namespace attnscope
