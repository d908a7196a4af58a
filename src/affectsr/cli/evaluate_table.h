// `affectsr evaluate table`: whole tables of restorers and readers from a recipe.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `evaluate table RECIPE -o DIR`: measures what the recipe asks for, keeps finished rows in DIR/rows, and writes
/// DIR/NAME.md, .csv, .json, .html and, where expressions are read, NAME_expressions.csv. Exit code 3 if something is
/// missing or could not be read.
Action declare_table(CLI::App& command);

}  // namespace affectsr::cli
