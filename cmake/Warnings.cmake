# Warnings are errors in our own code; third-party headers come in as SYSTEM and stay silent. A compiler that is newer than
# ours knows more warnings: -D AFFECTSR_WERROR=OFF shows them without stopping.
option(AFFECTSR_WERROR "Warnings are errors" ON)
add_library(affectsr_warnings INTERFACE)
target_compile_options(affectsr_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wunused
  -Wdouble-promotion -Wformat=2 $<$<BOOL:${AFFECTSR_WERROR}>:-Werror>)
# GCC 12's flow-based guesses are wrong on inlined containers of LibTorch and the standard library (GCC bugs 105329, 105651;
# 80635 for std::optional): not our code. The sanitizers of preset `asan` look at what really happens.
target_compile_options(affectsr_warnings INTERFACE
  -Wno-restrict $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
