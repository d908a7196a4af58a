// What affectsr-train computes with: LibTorch, and the matrix products that it takes from a BLAS.
#pragma once

#include <string>

namespace affectsr::cli {

/// The library that LibTorch takes its float32 matrix products from.
struct Blas {
    std::string kind;  ///< "openblas", "blis", "mkl", "atlas", "reference"; "unknown"
    std::string file;  ///< empty: none is loaded by that name
};
/// The kind by the name and folder of a library file, as Debian's alternatives lay them out.
std::string blas_kind_of(const std::string& file);
Blas blas_in_use();

/// One warning, if the BLAS in use is the reference one, which is tens of times slower than any other.
void warn_of_slow_blas();

/// What --version prints: program, commit, compiler, LibTorch, BLAS.
std::string version_with_libtorch();

}  // namespace affectsr::cli
