// SPDX-License-Identifier: Apache-2.0
#include "outputs/deflate.h"

#include <zlib.h>

#include <new>

namespace attnscope {

std::string deflated(std::string_view bytes) {
  constexpr int kLevel = 6;
  uLongf size = ::compressBound(bytes.size());
  std::string stream(size, '\0');
  const int code = ::compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), kLevel);
  if (code != Z_OK) throw std::bad_alloc();  // the room is enough, so it is memory that is missing
  stream.resize(size);
  return stream;
}

}  // namespace attnscope
