#include "affectsr/base/json_file.h"

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"

namespace affectsr {

Json read_json(const std::filesystem::path& file, std::int64_t most_bytes) {
    const std::vector<std::uint8_t> text = read_bytes(file, most_bytes);
    try {
        return Json::parse(text.begin(), text.end());
    } catch (const Json::parse_error& error) {
        throw InputError("not_json", file.string() + ": " + error.what());
    }
}

}  // namespace affectsr
