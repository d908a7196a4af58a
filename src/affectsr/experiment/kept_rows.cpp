#include "affectsr/experiment/kept_rows.h"

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"

namespace affectsr {

namespace {

constexpr std::int64_t kMostRowBytes = std::int64_t{64} << 20;

}  // namespace

std::optional<Json> KeptRows::find(const std::string& name, const Json& made_of) const {
    std::vector<std::uint8_t> text;
    try {
        text = read_bytes(folder_ / (name + ".json"), kMostRowBytes);
    } catch (const InputError&) {
        return std::nullopt;
    }
    const Json kept = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!kept.is_object() || !kept.contains("made_of") || !kept.contains("row") || kept.at("made_of") != made_of)
        return std::nullopt;
    return kept.at("row");
}

void KeptRows::keep(const std::string& name, const Json& made_of, const Json& row) const {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed)
        throw ResourceError("cannot_write", "the folder " + folder_.string() + " cannot be made: " + failed.message());
    const Json whole{{"made_of", made_of}, {"row", row}};
    write_file_atomically(folder_ / (name + ".json"), whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::filesystem::path KeptRows::beside(const std::string& name, const std::string& file) const {
    return folder_ / name / file;
}

}  // namespace affectsr
