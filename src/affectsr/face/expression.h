// The expressions, their names in every data set, and how two label sets meet.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// In the canonical (AffectNet) order: the number is the class index in every network and matrix of this project.
enum class Emotion { neutral, happiness, sadness, surprise, fear, disgust, anger, contempt };

/// The seven that our networks answer: the canonical order without contempt.
inline constexpr int kExpressionClasses = 7;

/// "neutral", "happiness", … as EmotionML and FER+ spell them.
const char* name_of(Emotion);
/// The emotion a word means; knows the spellings of the common data sets (happy, sad, angry, afraid, surprised, …), any
/// case, blanks trimmed. Anything else: std::nullopt.
std::optional<Emotion> emotion_from(std::string_view word);
/// The seven classes in canonical order.
const std::vector<Emotion>& seven_emotions();
/// The names of `emotions`.
std::vector<std::string> names_of(std::span<const Emotion> emotions);

/// Probabilities (sum 1) with their labels. Empty if the face was not judged.
struct Expression {
    std::vector<Emotion> labels;
    std::vector<float> probability;
    bool empty() const { return labels.empty(); }
    /// The most probable label; the first of equals. Throws Bug if empty.
    Emotion best() const;
    /// Probability of best(), 0–1. Throws Bug if empty.
    float confidence() const;
    /// Probability of one label; 0 if it is not among them.
    float of(Emotion) const;
};

}  // namespace affectsr
