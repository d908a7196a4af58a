#include "affectsr/train_cli/libtorch.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/report.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

TEST(Libtorch, TheKindOfABlasShowsInItsFile) {
    EXPECT_EQ(blas_kind_of("/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3"), "openblas");
    EXPECT_EQ(blas_kind_of("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0"), "reference");
    EXPECT_EQ(blas_kind_of("/opt/intel/libmkl_core.so.2"), "mkl");
    EXPECT_EQ(blas_kind_of("/usr/lib/libblas.so.3"), "unknown");
}

TEST(Libtorch, VersionNamesProgramLibTorchAndBlas) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr-train --version");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    for (const std::string part : {"affectsr-train ", program_version(), "LibTorch ", "BLAS "})
        EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in " << ran.out;
}

}  // namespace
}  // namespace affectsr::cli
