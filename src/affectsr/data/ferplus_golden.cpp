#include <array>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/data/ferplus.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

constexpr std::size_t kColumns = 10, kEmotions = 8;

std::vector<FerPlusVotes> rows_of(const HostTensor& tensor) {
    const std::vector<std::int64_t> counts = tensor.ints();  // [n, 10]
    std::vector<FerPlusVotes> rows(counts.size() / kColumns);
    for (std::size_t i = 0; i < counts.size(); ++i) rows[i / kColumns][i % kColumns] = static_cast<int>(counts[i]);
    return rows;
}

using Rule = std::optional<FerPlusDistribution> (*)(const FerPlusVotes&);

void add(golden::Outputs& outputs, const std::string& mode, const std::vector<FerPlusVotes>& rows, Rule rule) {
    const auto n = static_cast<std::int64_t>(rows.size());
    std::vector<float> distributions;
    std::vector<std::int64_t> kept;
    for (const FerPlusVotes& votes : rows) {
        const auto distribution = rule(votes);
        const FerPlusDistribution row = distribution.value_or(FerPlusDistribution{});
        distributions.insert(distributions.end(), row.begin(), row.end());
        kept.push_back(distribution ? 1 : 0);
    }
    outputs["output." + mode + "_distribution"] =
        HostTensor::from_floats(distributions, {n, static_cast<std::int64_t>(kEmotions)});
    outputs["output." + mode + "_keep"] = HostTensor::from_ints(kept, {n});
}

golden::Outputs run(const golden::Case& one) {
    const std::vector<FerPlusVotes> rows = rows_of(one.input("votes"));
    golden::Outputs outputs;
    add(outputs, "majority", rows, ferplus_majority_distribution);
    add(outputs, "probability", rows, ferplus_probability_distribution);
    add(outputs, "multi_target", rows, ferplus_multi_target_distribution);
    return outputs;
}

const bool kRegistered = golden::register_runner("ferplus_labels", run);

}  // namespace
}  // namespace affectsr
