// Every learning task, one line each.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// Makes a task of its options, for a recipe; models that the options name are looked for in the folder first.
using TaskMaker = std::function<std::unique_ptr<Task>(const Recipe& recipe, const std::filesystem::path& folder)>;

std::span<const Entry<TaskMaker>> task_catalog();

/// The task that a recipe asks for. Throws UsageError for an unknown task and for options that it does not take.
std::unique_ptr<Task> make_task(const Recipe& recipe, const std::filesystem::path& folder);

}  // namespace affectsr
