#include "affectsr/data/ferplus.h"

#include <algorithm>
#include <numeric>

namespace affectsr {
namespace {

constexpr std::size_t kColumns = 10;  // eight emotions, unknown, not a face
constexpr std::size_t kEmotions = 8;
constexpr int kMostTaken = 3;  // columns that may share one face; ferplus.py

using Weights = std::array<double, kColumns>;

// The eight columns of FER+ as emotions.
constexpr std::array<Emotion, kEmotions> kEmotionOfColumn = {Emotion::neutral, Emotion::happiness, Emotion::surprise,
                                                             Emotion::sadness, Emotion::anger,     Emotion::disgust,
                                                             Emotion::fear,    Emotion::contempt};

double sum(const Weights& weights) {
    return std::accumulate(weights.begin(), weights.end(), 0.0);
}

// A count of one is taken for a slip of one annotator.
Weights without_single_votes(const FerPlusVotes& votes) {
    Weights kept{};
    for (std::size_t i = 0; i < kColumns; ++i) kept[i] = votes[i] > 1 ? votes[i] : 0;
    return kept;
}

// Over the eight emotions, sum 1; none if "unknown" or "not a face" weighs most.
std::optional<FerPlusDistribution> usable(const Weights& weights) {
    const auto top = static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
    if (top >= kEmotions || weights[top] <= 0) return std::nullopt;
    const double total = std::accumulate(weights.begin(), weights.begin() + kEmotions, 0.0);
    FerPlusDistribution distribution{};
    for (std::size_t i = 0; i < kEmotions; ++i) distribution[i] = static_cast<float>(weights[i] / total);
    return distribution;
}

// The column with more than half of the votes, kColumns if none has.
std::size_t majority_column(const FerPlusVotes& votes) {
    const Weights kept = without_single_votes(votes);
    const auto top = std::max_element(kept.begin(), kept.end());
    return *top > 0.5 * sum(kept) ? static_cast<std::size_t>(top - kept.begin()) : kColumns;
}

// What `probability` mode has taken so far.
struct Taken {
    Weights weights{};
    double covered = 0;
    int columns = 0;
    bool only_emotions = true;
};

// One round: every column that equals the current maximum, in index order; "unknown" and "not a face" end it all, and
// are given back if an emotion was taken before.
void take_round(Weights& left, Taken& taken) {
    const double most = *std::max_element(left.begin(), left.end());
    for (std::size_t i = 0; i < kColumns; ++i) {
        if (left[i] != most) continue;
        taken.weights[i] = most;
        left[i] = 0;
        taken.covered += most;
        ++taken.columns;
        if (i < kEmotions) continue;
        taken.only_emotions = false;
        if (sum(taken.weights) > most) {
            taken.weights[i] = 0;
            --taken.columns;
        }
        return;
    }
}

}  // namespace

std::optional<Emotion> ferplus_majority(const FerPlusVotes& votes) {
    const std::size_t column = majority_column(votes);
    if (column >= kEmotions) return std::nullopt;
    return kEmotionOfColumn[column];
}

std::optional<FerPlusDistribution> ferplus_majority_distribution(const FerPlusVotes& votes) {
    const std::size_t column = majority_column(votes);
    if (column >= kEmotions) return std::nullopt;
    FerPlusDistribution distribution{};
    distribution[column] = 1;
    return distribution;
}

std::optional<FerPlusDistribution> ferplus_probability_distribution(const FerPlusVotes& votes) {
    Weights left = without_single_votes(votes);
    const double total = sum(left);
    Taken taken;
    while (taken.covered < 0.75 * total && taken.columns < kMostTaken && taken.only_emotions) take_round(left, taken);
    if (sum(taken.weights) <= 0.5 * total || taken.columns > kMostTaken) return std::nullopt;
    return usable(taken.weights);
}

std::optional<FerPlusDistribution> ferplus_multi_target_distribution(const FerPlusVotes& votes) {
    const Weights kept = without_single_votes(votes);
    const double total = sum(kept);
    Weights taken{};
    for (std::size_t i = 0; i < kColumns; ++i) {
        if (kept[i] >= 0.3 * total) taken[i] = kept[i];
    }
    if (sum(taken) <= 0.5 * total) return std::nullopt;
    return usable(taken);
}

std::optional<std::array<float, kExpressionClasses>> ferplus_soft_target(const FerPlusVotes& votes) {
    int total = 0;
    for (std::size_t i = 0; i < kEmotions; ++i) {
        if (kEmotionOfColumn[i] != Emotion::contempt) total += votes[i];
    }
    if (total < 2) return std::nullopt;
    std::array<float, kExpressionClasses> target{};
    for (std::size_t i = 0; i < kEmotions; ++i) {
        if (kEmotionOfColumn[i] == Emotion::contempt) continue;
        target[static_cast<std::size_t>(kEmotionOfColumn[i])] =
            static_cast<float>(votes[i]) / static_cast<float>(total);
    }
    return target;
}

}  // namespace affectsr
