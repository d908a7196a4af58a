// The safetensors layout: an 8-byte length, a JSON header, then the bytes of every tensor without a hole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/weights/mapped_file.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// The most that a header may take: the names, shapes and card of the largest network here (RCAN, 1634 tensors) need a
/// fifth of it, and no header of this size takes its reader over 16 MiB to refuse.
inline constexpr std::uint64_t kMostHeaderBytes = 1u << 20;

/// `name` as a message quotes it, cut after 80 bytes: a hostile one may be as long as the header.
std::string in_quotes(const std::string& name);
/// The header of a mapped file as text, after the checks of its length. Throws ModelError (`model_damaged`).
std::string_view safetensors_header(const MappedFile& file, const std::filesystem::path& path);
/// Checks everything that read_safetensors promises; the tensors share the mapping. `path` begins every message.
Safetensors parse_safetensors(const MappedFile& file, const std::filesystem::path& path);
/// The whole file as bytes: the wider element types first, then by name, so that every tensor lies aligned for its type
/// although the format forbids holes. Throws ModelError (`model_too_large`, `bad_name`) for what could not be read
/// back.
std::vector<std::uint8_t> safetensors_bytes(const Safetensors& content);

}  // namespace affectsr
