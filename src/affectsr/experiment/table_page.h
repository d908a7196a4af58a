// A table as one HTML page: figures, plots with intervals, and faces as everybody restored them.
#pragma once

#include <string>

#include "affectsr/experiment/table.h"

namespace affectsr {

/// The whole page, UTF-8, which loads and runs nothing (page.h).
std::string table_page(const TableRecipe& recipe, const TableResult& result);

}  // namespace affectsr
