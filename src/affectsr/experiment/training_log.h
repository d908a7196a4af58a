// What a training wrote down of itself, as plots: is it learning, and what?
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace affectsr {

/// NAME.log.jsonl of a training, a line an epoch (docs/training.md).
struct TrainingLog {
    std::string name;            ///< of the training: the file's without ".log.jsonl"
    std::vector<double> epochs;  ///< where each line was written
    /// Every number of the lines by its place, such as "losses.l1" or "validation.expression.25"; one for each line,
    /// NaN where it is not there.
    std::map<std::string, std::vector<double>> figures;
};

/// Throws InputError naming file and line if it cannot be read, is empty, or is no log of a training. A last line that
/// is cut off, as while a training writes, is left out.
TrainingLog read_training_log(const std::filesystem::path& file);

/// Trainings side by side as one HTML file: a plot for each figure, figures of several sizes together, a line for each
/// training. Those of the loss and of validation come first.
std::string training_page(std::span<const TrainingLog> logs);

}  // namespace affectsr
