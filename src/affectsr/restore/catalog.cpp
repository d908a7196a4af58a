#include "affectsr/restore/catalog.h"

#include <array>

#include "affectsr/restore/bicubic.h"

namespace affectsr {

// To add a restorer: write restore/NAME.{h,cpp} with its options and its test, then one line here.
std::span<const Entry<Restorer>> restorer_catalog() {
    static const std::array catalog{
        entry<Restorer, Bicubic, BicubicOptions>("bicubic",
                                                 "Keys 1981, doi:10.1109/TASSP.1981.1163711; MATLAB imresize"),
    };
    return catalog;
}

}  // namespace affectsr
