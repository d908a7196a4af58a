#include "affectsr/cli/record.h"

#include "affectsr/base/file.h"
#include "affectsr/experiment/card_figures.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

namespace {

constexpr std::int64_t kMostReportBytes = 16 << 20;

Json read_report(const std::string& file) {
    const std::vector<std::uint8_t> text = read_bytes(file, kMostReportBytes);
    try {
        return Json::parse(text.begin(), text.end());
    } catch (const Json::parse_error& error) {
        throw InputError("not_json", file + ": " + error.what());
    }
}

}  // namespace

void record_figures(const std::filesystem::path& model, const std::vector<std::string>& reports) {
    ModelFile file = ModelFile::open(model);
    Json evaluation = Json::array();
    for (const std::string& report : reports) evaluation.push_back(card_figures(read_report(report), report));
    file.card.figures["evaluation"] = std::move(evaluation);
    file.save(model);
}

}  // namespace affectsr::cli
