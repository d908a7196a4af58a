# Warnings are errors in our own code; third-party headers come in as SYSTEM and stay silent.
add_library(affectsr_warnings INTERFACE)
target_compile_options(affectsr_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wunused
  -Wnull-dereference -Wdouble-promotion -Wformat=2 -Werror)
# LibTorch's inlined containers set off GCC 12's flow-based guesses (GCC bugs 105329, 105651): not our code.
target_compile_options(affectsr_warnings INTERFACE -Wno-restrict -Wno-null-dereference)
