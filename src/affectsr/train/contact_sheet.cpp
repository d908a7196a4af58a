#include "affectsr/train/contact_sheet.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr int kGapPx = 4;

void lay(Image& sheet, const Image& picture, int left, int top) {
    const auto row = static_cast<std::size_t>(picture.width) * 3;
    for (int y = 0; y < picture.height; ++y) {
        const std::size_t from = static_cast<std::size_t>(y) * row,
                          to = (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(sheet.width) +
                                static_cast<std::size_t>(left)) *
                               3;
        std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(from), row,
                    sheet.rgb.begin() + static_cast<std::ptrdiff_t>(to));
    }
}

}  // namespace

Image sheet_of(std::span<const SheetColumn> columns) {
    AFFECTSR_EXPECT(!columns.empty() && !columns[0].larger.empty(), "a sheet shows something");
    const ImageSize size = columns[0].larger[0].size();
    const std::size_t rows = columns[0].larger.size() + 1;
    const auto extent = [](int px, std::size_t count) {
        const int times = static_cast<int>(count);
        return px * times + kGapPx * (times - 1);
    };
    Image sheet(extent(size.width, columns.size()), extent(size.height, rows), 0);
    int left = 0;
    for (const SheetColumn& column : columns) {
        AFFECTSR_EXPECT(column.larger.size() + 1 == rows, "columns of one length");
        lay(sheet, resize(column.small, size, Filter::nearest), left, 0);
        int top = size.height + kGapPx;
        for (const Image& picture : column.larger) {
            AFFECTSR_EXPECT(picture.size() == size, "pictures of one size");
            lay(sheet, picture, left, top);
            top += size.height + kGapPx;
        }
        left += size.width + kGapPx;
    }
    return sheet;
}

}  // namespace affectsr
