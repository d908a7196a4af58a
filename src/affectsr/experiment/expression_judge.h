// Who reads the expressions of faces before and after they were restored.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/classify/classifier.h"

namespace affectsr {

/// A classifier that was named as a judge, and its weights.
struct ExpressionJudge {
    std::string name, model_sha256;
    std::unique_ptr<const Classifier> classifier;
};

/// The judge that a word names: NAME (a network with the weights that are installed), NAME=MODEL_FILE, or MODEL_FILE,
/// whose card says what network it is. Throws as load_classifier.
ExpressionJudge expression_judge(const std::string& word, const std::string& precision);

/// "NAME=FILE" in two; no file: "".
std::pair<std::string, std::string> name_and_file(const std::string& word);

/// Throws UsageError for an empty list of words and for one that is named twice; `what` is the setting's name.
void expect_each_once(const char* what, const std::vector<std::string>& words);

}  // namespace affectsr
