// The safetensors layout: an 8-byte length, a JSON header, then the bytes of every tensor without a hole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/weights/host_tensor.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

/// A safetensors file as it is: tensors and the string map "__metadata__".
struct Safetensors {
    TensorMap tensors;
    std::map<std::string, std::string> metadata;
};

/// Maps a safetensors file. Refused as ModelError (codes `no_such_model`, `model_not_readable`, `model_damaged`) with
/// little work and 16 MiB: a header length of 0, over 1 MiB or over the file; a header that is not JSON, is nested too
/// deep or repeats a key; an unknown dtype; a negative, overflowing or misfitting shape; overlapping, missing or
/// trailing bytes. Every tensor lies aligned for its type. Source: safetensors format 0.4; docs/model_file.md has the
/// whole list.
Safetensors read_safetensors(const std::filesystem::path& path);
/// Writes by atomic rename. The format forbids holes, so wider types come first, then names in order: every tensor lies
/// aligned. Throws ResourceError (`cannot_write`), ModelError (`bad_name`, `model_too_large`) for what no reader would
/// take.
void write_safetensors(const std::filesystem::path& path, const Safetensors& content);

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
