#include "affectsr/train_cli/libtorch.h"

#include "affectsr/base/log.h"
#include "affectsr/experiment/report.h"
#include "affectsr/learn/libtorch_version.h"
#include "affectsr/program/machine.h"

namespace affectsr::cli {

std::string blas_kind_of(const std::string& file) {
    for (const char* known : {"openblas", "blis", "mkl", "atlas"})
        if (file.find(known) != std::string::npos) return known;
    return file.find("/blas/") == std::string::npos ? "unknown" : "reference";
}

Blas blas_in_use() {
    for (const char* name : {"blas", "openblas", "blis", "mkl_core", "mkl_rt"}) {
        const std::string file = library_file(name);
        if (!file.empty()) return {blas_kind_of(file), file};
    }
    return {"unknown", ""};
}

void warn_of_slow_blas() {
    if (blas_in_use().kind == "reference")
        log(LogLevel::warning,
            "LibTorch's matrix products come from the reference BLAS, tens of times slower than OpenBLAS: apt install "
            "libopenblas0-pthread");
}

std::string version_with_libtorch() {
    const Blas blas = blas_in_use();
    return std::string("affectsr-train ") + program_version() + " (" + program_commit() + "), g++ " + __VERSION__ +
           ", LibTorch " + libtorch_version() + ", BLAS " + blas.kind + (blas.file.empty() ? "" : " " + blas.file);
}

}  // namespace affectsr::cli
