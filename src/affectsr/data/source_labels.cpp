#include "affectsr/data/source_labels.h"

#include <span>
#include <utility>

#include "affectsr/base/text.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

using enum Emotion;

struct Numbering {
    std::int64_t first;
    std::span<const Emotion> emotions;
};

constexpr Emotion kRafDb[] = {surprise, fear, disgust, happiness, sadness, anger, neutral};
constexpr Emotion kFer2013[] = {anger, disgust, fear, happiness, sadness, surprise, neutral};
constexpr Emotion kFerPlus[] = {neutral, happiness, surprise, sadness, anger, disgust, fear, contempt};
constexpr Emotion kAffectNet[] = {neutral, happiness, sadness, surprise, fear, disgust, anger, contempt};
constexpr Emotion kCkPlus[] = {neutral, anger, contempt, disgust, fear, happiness, sadness, surprise};

Numbering numbering_of(LabelSet set) {
    switch (set) {
        case LabelSet::raf_db:
            return {1, kRafDb};
        case LabelSet::fer2013:
            return {0, kFer2013};
        case LabelSet::fer_plus:
            return {0, kFerPlus};
        case LabelSet::affectnet:
            return {0, kAffectNet};
        case LabelSet::ck_plus:
            return {0, kCkPlus};
        case LabelSet::exp_w:
            return {0, kFer2013};  // the same seven in the same order
    }
    return {0, {}};
}

constexpr std::pair<std::string_view, Emotion> kCodes[] = {{"an", anger},   {"di", disgust}, {"ha", happiness},
                                                           {"ne", neutral}, {"sa", sadness}, {"su", surprise}};

std::optional<Emotion> emotion_of_code(std::string_view code, std::string_view code_of_fear) {
    const std::string wanted = lower_case(code);
    if (wanted == code_of_fear) return fear;
    for (const auto& [letters, emotion] : kCodes) {
        if (letters == wanted) return emotion;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Emotion> emotion_of(LabelSet set, std::int64_t number) {
    const Numbering numbering = numbering_of(set);
    const std::int64_t past_last = numbering.first + std::ssize(numbering.emotions);
    if (number < numbering.first || number >= past_last) return std::nullopt;
    return numbering.emotions[static_cast<std::size_t>(number - numbering.first)];
}

std::optional<Emotion> kdef_emotion(std::string_view code) {
    return emotion_of_code(code, "af");
}

std::optional<Emotion> jaffe_emotion(std::string_view code) {
    return emotion_of_code(code, "fe");
}

}  // namespace affectsr
