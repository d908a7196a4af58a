// Restored faces side by side, for people to look at.
#pragma once

#include <span>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// One face of a sheet, from top to bottom.
struct SheetColumn {
    Image small;                ///< shown as large as the others, every pixel a square
    std::vector<Image> larger;  ///< below it, all of one size
};

/// One column for each face, each picture in its row, with some black between them. Throws Bug for no column, columns
/// of different lengths, and pictures of different sizes.
Image sheet_of(std::span<const SheetColumn> columns);

}  // namespace affectsr
