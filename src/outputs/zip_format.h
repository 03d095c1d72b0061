// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Numbers of the zip format that its reader and its writer share (APPNOTE.TXT 6.3).
namespace attnscope {

inline constexpr std::uint64_t kZipLocalSignature = 0x04034b50;
inline constexpr std::uint64_t kZipCentralSignature = 0x02014b50;
inline constexpr std::uint64_t kZip64EndSignature = 0x06064b50;
inline constexpr std::uint64_t kZip64LocatorSignature = 0x07064b50;
inline constexpr std::uint64_t kZipEndSignature = 0x06054b50;
/// Stands in a field of 32 bits whose value is in the zip64 extra.
inline constexpr std::uint64_t kZipInExtra = 0xFFFFFFFF;

}  // namespace attnscope
