#include "affectsr/experiment/held_out.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/ferplus.h"
#include "affectsr/data/split.h"

namespace affectsr {

namespace {

/// Some samples of a data set.
class PartOfDataset : public Dataset {
 public:
    PartOfDataset(std::unique_ptr<Dataset> whole, std::vector<std::size_t> rows)
        : whole_(std::move(whole)), rows_(std::move(rows)) {}
    const DatasetCard& card() const override { return whole_->card(); }
    std::size_t size() const override { return rows_.size(); }
    const SampleInfo& info(std::size_t i) const override { return whole_->info(row(i)); }
    Sample at(std::size_t i) const override { return whole_->at(row(i)); }

 private:
    std::size_t row(std::size_t i) const {
        AFFECTSR_EXPECT(i < rows_.size(), "no such sample");
        return rows_[i];
    }

    std::unique_ptr<Dataset> whole_;
    std::vector<std::size_t> rows_;
};

/// What of a recipe says which faces were held out. The names are those of train/recipe.h.
struct HoldingOut {
    Json sources;
    double share = 0;
    std::uint64_t seed = 1;
};

HoldingOut holding_out(const ModelCard& card, const std::string& where) {
    const Json& recipe = card.recipe;
    HoldingOut found;
    try {
        found.sources = recipe.at("data");
        found.share = recipe.at("validation").at("share").get<double>();
        found.seed = recipe.at("seed").get<std::uint64_t>();
    } catch (const Json::exception&) {  // said below
    }
    if (!found.sources.is_array() || found.sources.empty() || !(found.share > 0))
        throw UsageError(where +
                             ": its card has no recipe that holds faces out (\"data\", \"validation.share\" and "
                             "\"seed\"); name a data set that it did not learn from: --dataset KIND --data FOLDER",
                         "no_recipe");
    return found;
}

/// What training taught with a source.
std::vector<HeadTruth> truths_of(const Json& source) {
    std::vector<HeadTruth> truths;
    const std::string expression = source.value("expression", "votes"), own = source.value("own_labels_head", "");
    if (expression != "nothing") truths.push_back({"expression", expression});
    if (!own.empty()) truths.push_back({own, "label"});
    return truths;
}

bool has_target(const SampleInfo& info, const std::vector<HeadTruth>& truths) {
    return std::any_of(truths.begin(), truths.end(), [&](const HeadTruth& truth) {
        return truth.truth == "votes" ? info.votes && ferplus_soft_target(*info.votes).has_value()
                                      : info.label && static_cast<int>(*info.label) < kExpressionClasses;
    });
}

std::vector<std::size_t> teaching(const Dataset& dataset, const std::vector<std::size_t>& rows,
                                  const std::vector<HeadTruth>& truths) {
    std::vector<std::size_t> chosen;
    for (const std::size_t row : rows)
        if (dataset.info(row).usable && has_target(dataset.info(row), truths)) chosen.push_back(row);
    return chosen;
}

std::size_t usable(const Dataset& dataset, const std::vector<std::size_t>& rows) {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [&](std::size_t row) { return dataset.info(row).usable; }));
}

/// Holds a data set against what the card says that was learned from it.
void expect_same_faces(const Json& learned_from, const Dataset& dataset, const std::vector<std::size_t>& training_rows,
                       const std::vector<HeadTruth>& truths, const std::string& where) {
    const auto refuse = [&](const std::string& what) {
        throw InputError("other_faces",
                         where + ": the data set \"" + dataset.card().name +
                             "\" is not the one that it learned from: " + what +
                             ", so nobody knows which faces were held out; give the same data, or name a "
                             "data set that it did not learn from: --dataset KIND --data FOLDER");
    };
    const std::string list = learned_from.value("list_sha256", "");
    if (!list.empty() && list != dataset.card().sha256)
        refuse("its list has the SHA-256 " + dataset.card().sha256 + ", learned was from " + list);
    const auto faces = learned_from.value("faces", std::int64_t{-1});
    const std::int64_t broken = learned_from.value("broken", std::int64_t{0});
    const auto may_be = [&](std::size_t found) {
        return static_cast<std::int64_t>(found) >= faces && static_cast<std::int64_t>(found) <= faces + broken;
    };
    // Who learns from teachers may have learned from faces without a label, too.
    const std::size_t found = teaching(dataset, training_rows, truths).size();
    if (faces >= 0 && !may_be(found) && !may_be(usable(dataset, training_rows)))
        refuse("it leaves " + std::to_string(found) + " faces to learn from, learned was from " +
               std::to_string(faces));
}

HeldOutSource held_out_of(const Json& source, const Json& learned_from, const HoldingOut& how,
                          const std::filesystem::path& data_root, const std::string& where) {
    Json options = source.value("options", Json::object());
    const std::filesystem::path root = options.value("root", "");
    options["root"] = root.is_relative() ? (data_root / root).string() : root.string();
    HeldOutSource held_out;
    held_out.split = options.value("split", "");
    held_out.truths = truths_of(source);
    std::unique_ptr<Dataset> dataset = open_dataset(source.value("dataset", "manifest"), options);
    const IndexSplit parts = split_by_subject(*dataset, how.share, how.seed);
    expect_same_faces(learned_from, *dataset, parts.rest, held_out.truths, where);
    std::vector<std::size_t> rows = teaching(*dataset, parts.part, held_out.truths);
    held_out.faces = std::make_unique<PartOfDataset>(std::move(dataset), std::move(rows));
    return held_out;
}

}  // namespace

std::vector<HeldOutSource> held_out_faces(const ModelCard& card, const std::filesystem::path& data_root,
                                          const std::string& where) {
    const HoldingOut how = holding_out(card, where);
    const Json learned_from = card.trained_on.value("sources", Json::array());
    std::vector<HeldOutSource> sources;
    try {
        for (std::size_t i = 0; i < how.sources.size(); ++i)
            sources.push_back(held_out_of(how.sources[i],
                                          i < learned_from.size() ? learned_from[i] : Json(Json::object()), how,
                                          data_root, where));
    } catch (const Json::exception& error) {
        throw UsageError(where + ": its card's recipe cannot be understood: " + error.what(), "no_recipe");
    }
    return sources;
}

}  // namespace affectsr
