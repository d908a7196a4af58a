#include "affectsr/face/expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"

namespace affectsr {
namespace {

constexpr std::array<const char*, 8> kNames = {"neutral", "happiness", "sadness", "surprise",
                                               "fear",    "disgust",   "anger",   "contempt"};

// Spellings seen in FER2013, FER+, RAF-DB, AffectNet, SFEW, ExpW, KDEF and face-api label files.
constexpr std::pair<std::string_view, Emotion> kSpellings[] = {
    {"neutral", Emotion::neutral},   {"happiness", Emotion::happiness}, {"happy", Emotion::happiness},
    {"joy", Emotion::happiness},     {"sadness", Emotion::sadness},     {"sad", Emotion::sadness},
    {"surprise", Emotion::surprise}, {"surprised", Emotion::surprise},  {"fear", Emotion::fear},
    {"fearful", Emotion::fear},      {"afraid", Emotion::fear},         {"scared", Emotion::fear},
    {"disgust", Emotion::disgust},   {"disgusted", Emotion::disgust},   {"anger", Emotion::anger},
    {"angry", Emotion::anger},       {"contempt", Emotion::contempt},
};

std::string lower_trimmed(std::string_view word) {
    constexpr std::string_view kBlanks = " \t\r\n\f\v";
    const auto first = word.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return lower_case(word.substr(first, word.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

const char* name_of(Emotion emotion) {
    const auto index = static_cast<std::size_t>(emotion);
    AFFECTSR_EXPECT(index < kNames.size(), "no emotion has the number " + std::to_string(index));
    return kNames[index];
}

std::optional<Emotion> emotion_from(std::string_view word) {
    const std::string wanted = lower_trimmed(word);
    for (const auto& [spelling, emotion] : kSpellings) {
        if (spelling == wanted) return emotion;
    }
    return std::nullopt;
}

const std::vector<Emotion>& seven_emotions() {
    static const std::vector<Emotion> kSeven = {Emotion::neutral,  Emotion::happiness, Emotion::sadness,
                                                Emotion::surprise, Emotion::fear,      Emotion::disgust,
                                                Emotion::anger};
    return kSeven;
}

std::vector<std::string> names_of(std::span<const Emotion> emotions) {
    std::vector<std::string> names;
    names.reserve(emotions.size());
    for (Emotion emotion : emotions) names.emplace_back(name_of(emotion));
    return names;
}

Emotion Expression::best() const {
    AFFECTSR_EXPECT(!labels.empty(), "an empty expression has no best label");
    AFFECTSR_EXPECT(labels.size() == probability.size(), "an expression needs one probability per label");
    return labels[static_cast<std::size_t>(std::max_element(probability.begin(), probability.end()) -
                                           probability.begin())];
}

float Expression::confidence() const {
    return of(best());
}

float Expression::of(Emotion emotion) const {
    AFFECTSR_EXPECT(labels.size() == probability.size(), "an expression needs one probability per label");
    const auto place = std::find(labels.begin(), labels.end(), emotion);
    return place == labels.end() ? 0.0f : probability[static_cast<std::size_t>(place - labels.begin())];
}

}  // namespace affectsr
