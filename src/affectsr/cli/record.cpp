#include "affectsr/cli/record.h"

#include "affectsr/base/json_file.h"
#include "affectsr/experiment/card_figures.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

namespace {

constexpr std::int64_t kMostReportBytes = 16 << 20;

}  // namespace

void record_figures(const std::filesystem::path& model, const std::vector<std::string>& reports) {
    ModelFile file = ModelFile::open(model);
    Json evaluation = Json::array();
    for (const std::string& report : reports)
        evaluation.push_back(card_figures(read_json(report, kMostReportBytes), report));
    file.card.figures["evaluation"] = std::move(evaluation);
    file.save(model);
}

}  // namespace affectsr::cli
