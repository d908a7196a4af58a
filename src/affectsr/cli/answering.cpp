#include "affectsr/cli/answering.h"

#include "affectsr/base/file.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/image/limits.h"

namespace affectsr::cli {

std::vector<std::uint8_t> read_input(const Input& input, std::stop_token stop) {
    return input.from_stdin() ? read_stdin(ImageLimits{}.file_bytes, std::move(stop))
                              : read_bytes(input.path, ImageLimits{}.file_bytes);
}

}  // namespace affectsr::cli
