// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace attnscope {

/// True where the sanitizer's own memory makes measurements pointless.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kMemoryIsMeasurable = false;
#else
inline constexpr bool kMemoryIsMeasurable = true;
#endif

inline std::size_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kibibytes = 0;
    if (word == key + ":" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

/// How much the resident memory grew at most while `work` ran.
template <class Work>
std::size_t peak_growth_bytes(const Work& work) {
  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const std::size_t before = status_bytes("VmRSS");
  work();
  const std::size_t peak = status_bytes("VmHWM");
  return peak > before ? peak - before : 0;
}

}  // namespace attnscope
