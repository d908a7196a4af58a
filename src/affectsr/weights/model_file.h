// Named tensors and a ModelCard in one memory-mapped file: the safetensors layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// Element types that a file may hold.
enum class DType { f32, f16, bf16, f64, i64, i32, u8 };
std::size_t bytes_of(DType);
const char* name_of(DType);  ///< as safetensors spells it: "F32", "BF16", …

/// A dense row-major tensor in plain memory, free of any engine. Copies share the memory, which stays alive (and, for a
/// mapped file, mapped) as long as any copy does. Read-only, so safe to share between threads.
class HostTensor {
 public:
    HostTensor() = default;
    /// Shares `memory`, which must hold product(shape) elements. Throws Bug if it does not.
    HostTensor(DType type, std::vector<std::int64_t> shape, std::shared_ptr<const std::byte> memory, std::size_t bytes);
    /// Copies values. Throws Bug if their number is not product(shape).
    static HostTensor from_floats(std::span<const float> values, std::vector<std::int64_t> shape);
    static HostTensor from_ints(std::span<const std::int64_t> values, std::vector<std::int64_t> shape);
    static HostTensor from_bytes(std::span<const std::byte> values);  ///< u8, one dimension

    DType type() const { return type_; }
    const std::vector<std::int64_t>& shape() const { return shape_; }
    std::int64_t count() const;  ///< elements
    std::span<const std::byte> bytes() const { return {memory_.get(), bytes_}; }
    /// Every element as float; half types are widened exactly, integers and doubles are rounded.
    std::vector<float> floats() const;
    std::vector<std::int64_t> ints() const;  ///< throws Bug unless i64, i32 or u8
    /// A copy rounded to nearest-even in `type` (f32, f16 or bf16).
    HostTensor cast(DType type) const;

 private:
    DType type_ = DType::f32;
    std::vector<std::int64_t> shape_;
    std::shared_ptr<const std::byte> memory_;
    std::size_t bytes_ = 0;
};

using TensorMap = std::map<std::string, HostTensor>;

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

/// What a model says about itself; stored as JSON under "affectsr.card" in the file's metadata.
struct ModelCard {
    std::string network;              ///< catalog name, for example "small_net"
    Json options = Json::object();    ///< the network's own options
    std::vector<std::string> labels;  ///< words of the answering head's classes, in the order of its outputs
    Json heads = Json::object();  ///< every output head: {"expression": {"labels": […], "trained_on": "…"}, …}
    Json input = Json::object();  ///< {"size_px", "channels"} of the picture
    std::string source;           ///< who made the weights, from what paper and recipe
    std::string licence;          ///< of the weights
    Json trained_on = Json::object();  ///< data sets with licence and hash
    Json figures = Json::object();     ///< what was measured, with command
    std::string limits;                ///< what it must not be used for, where it fails
    Json recipe = Json::object();      ///< the recipe that made it
    std::string sha256;  ///< of the whole file with these digits as zeros; set by save(), checked by open()
};
Json to_json(const ModelCard&);
ModelCard card_from_json(const Json&, const std::string& where);

/// Named tensors with their card, in one file.
struct ModelFile {
    ModelCard card;
    TensorMap tensors;

    /// Maps the file and reads the card; with `verify`, hashes the file against its own SHA-256 (code `hash_mismatch`),
    /// and looks at every number (`not_finite`: NaN, infinite). Throws ModelError as read_safetensors; `no_model_card`.
    static ModelFile open(const std::filesystem::path& path, bool verify = true);
    /// Writes by atomic rename and sets card.sha256 in the file. Throws as write_safetensors, also `not_finite`.
    void save(const std::filesystem::path& path) const;
};

/// SHA-256 as 64 hex digits. Source: FIPS 180-4.
std::string sha256_hex(std::span<const std::byte> bytes);

/// Where a model called `name` lies. With a '/' or the ending .safetensors, `name` is a path; else NAME.safetensors is
/// looked for in $AFFECTSR_MODELS, in ../share/affectsr/models beside the program, in the source tree's models/ and in
/// the share folder that the build named. Throws ModelError (`no_such_model`) naming the places.
std::filesystem::path find_model(const std::string& name);

}  // namespace affectsr
