#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/data/source_labels.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

using Map = std::function<std::optional<Emotion>(std::int64_t)>;

Map by_number(LabelSet set) {
    return [set](std::int64_t number) { return emotion_of(set, number); };
}

// The number is the place in a sorted list of words.
Map by_word(std::vector<std::string> words, std::optional<Emotion> (*emotion)(std::string_view)) {
    return [words = std::move(words), emotion](std::int64_t number) -> std::optional<Emotion> {
        if (number < 0 || number >= std::ssize(words)) return std::nullopt;
        return emotion(words[static_cast<std::size_t>(number)]);
    };
}

// The fixture's tensors are named after the source of their numbers.
Map map_of(const std::string& source) {
    if (source == "rafdb_1based") return by_number(LabelSet::raf_db);
    if (source == "fer2013") return by_number(LabelSet::fer2013);
    if (source == "ferplus") return by_number(LabelSet::fer_plus);
    if (source == "affectnet") return by_number(LabelSet::affectnet);
    if (source == "ckplus") return by_number(LabelSet::ck_plus);
    if (source == "expw") return by_number(LabelSet::exp_w);
    if (source.starts_with("kdef_codes")) return by_word({"AF", "AN", "DI", "HA", "NE", "SA", "SU"}, kdef_emotion);
    if (source.starts_with("jaffe_codes")) return by_word({"AN", "DI", "FE", "HA", "NE", "SA", "SU"}, jaffe_emotion);
    if (source.ends_with("_folders_sorted")) {
        return by_word({"Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"}, emotion_from);
    }
    throw InputError("no_such_tensor", "no label set is called \"" + source + "\"");
}

golden::Outputs run(const golden::Case& one) {
    const std::string prefix = "input.";
    golden::Outputs outputs;
    for (const auto& [name, tensor] : one.tensors) {
        if (!name.starts_with(prefix)) continue;
        const std::string source = name.substr(prefix.size());
        const Map map = map_of(source);
        std::vector<std::int64_t> canonical;
        for (std::int64_t number : tensor.ints()) {
            const auto emotion = map(number);
            canonical.push_back(emotion ? static_cast<std::int64_t>(*emotion) : -1);
        }
        outputs["output." + source] = HostTensor::from_ints(canonical, tensor.shape());
    }
    return outputs;
}

const bool kRegistered = golden::register_runner("label_maps", run);

}  // namespace
}  // namespace affectsr
