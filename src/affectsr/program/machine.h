// What this process runs on: processor features, libraries as loaded.
#pragma once

#include <string>
#include <vector>

namespace affectsr::cli {

/// A shared library of this process.
struct LoadedLibrary {
    std::string name;  ///< stem without "lib" and version: "openblas", "torch_cpu"
    std::string file;  ///< where it lies, links resolved
};

/// The shared libraries of this process, in the order of their names. Source: /proc/self/maps.
std::vector<LoadedLibrary> loaded_libraries();

/// The file of the library of this name; empty if it is not loaded. Debian's alternatives show in the folder: "blas" is
/// .../openblas-pthread/libblas.so.3 or .../blas/libblas.so.3.
std::string library_file(const std::string& name);

/// The version in a library's file name: "4.6.0" of libopencv_core.so.4.6.0; "" if it has none.
std::string version_in(const std::string& file);

/// The instruction sets that matter here, those that this processor and its operating system offer: "avx2", "avx512f",
/// "amx_bf16", …
std::vector<std::string> cpu_features();
/// The processor's name; "unknown" if the system does not tell.
std::string cpu_name();

/// Cores that this process may use.
int usable_cores();

}  // namespace affectsr::cli
