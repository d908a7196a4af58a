#include "affectsr/data/split.h"

#include <map>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/base/text.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

// FNV-1a spreads the bytes, splitmix64 the bits: std::hash may differ between libraries, and the same split must come
// out everywhere.
double place_of(std::string_view key, std::uint64_t seed) {
    std::uint64_t h = 0xCBF29CE484222325ull;
    for (char c : key) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return unit_interval(SplitMix64(h ^ seed).next());
}

// A picture is known by its folder and name: what stands above them differs between machines. Faces of one photo share
// the key on purpose; the rows of a CSV of pixels do not.
std::string key_of(const SampleInfo& info) {
    if (!info.subject.empty()) return "subject " + info.subject;
    std::string key = "picture " + (info.path.parent_path().filename() / info.path.filename()).generic_string();
    if (lower_case(info.path.extension().string()) == ".csv") {
        key = "row " + info.path.filename().string() + " " + std::to_string(info.row);
    }
    return key;
}

}  // namespace

IndexSplit split_by_subject(const Dataset& dataset, double share, std::uint64_t seed) {
    if (!(share >= 0 && share <= 1)) {
        throw UsageError("the share of a split must lie between 0 and 1, not " + std::to_string(share));
    }
    IndexSplit split;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        (place_of(key_of(dataset.info(i)), seed) < share ? split.part : split.rest).push_back(i);
    }
    return split;
}

std::vector<std::string> subjects_in_several_splits(const Dataset& dataset) {
    std::map<std::string, std::string> split_of_subject;
    std::map<std::string, bool> in_several;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const SampleInfo& info = dataset.info(i);
        if (info.subject.empty()) continue;
        const auto [place, is_new] = split_of_subject.emplace(info.subject, info.split);
        if (!is_new && place->second != info.split) in_several[info.subject] = true;
    }
    std::vector<std::string> subjects;
    for (const auto& [subject, yes] : in_several) subjects.push_back(subject);
    return subjects;
}

}  // namespace affectsr
