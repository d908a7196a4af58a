#include "affectsr/base/error.h"

#include <cstring>

namespace affectsr {

int Error::exit_code() const noexcept {
    switch (kind_) {
        case ErrorKind::usage:
            return 2;
        case ErrorKind::input:
            return 3;
        case ErrorKind::model:
            return 4;
        case ErrorKind::resource:
            return 5;
        case ErrorKind::bug:
            return 1;
    }
    return 1;
}

void detail::throw_bug(const char* condition, const std::string& message, const char* file, int line) {
    const char* slash = std::strrchr(file, '/');
    throw Bug(message + " (" + condition + ", " + (slash ? slash + 1 : file) + ":" + std::to_string(line) + ")");
}

}  // namespace affectsr
