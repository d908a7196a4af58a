# What the library stands on; everything is a package of the distribution (docs/adr/0008 says what each one earns).
# The installed package reads this same file, so that a user's project finds what ours was built with.
find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(Eigen3 3.3 REQUIRED NO_MODULE)
if(AFFECTSR_OPENCV)
  find_package(OpenCV 4.5 REQUIRED COMPONENTS core imgproc objdetect)
endif()
if(AFFECTSR_RUNTIME)
  find_package(Freetype 2.10 REQUIRED)
  find_package(dnnl 2.6 REQUIRED)
  # The runtime alone: a source compiled with its flag could not share a precompiled header with others.
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  add_library(affectsr_openmp INTERFACE IMPORTED)
  target_link_libraries(affectsr_openmp INTERFACE ${OpenMP_CXX_LIBRARIES})
endif()

if(AFFECTSR_TRAIN)
  find_package(Torch)
  if(NOT Torch_FOUND)
    message(FATAL_ERROR "LibTorch was not found. Install it (tools/install_deps.sh --train), name its folder in "
      "CMAKE_PREFIX_PATH, or set AFFECTSR_TRAIN=OFF, which leaves affectsr-train out.")
  endif()
  # One target for LibTorch; imported, so its headers are SYSTEM.
  add_library(affectsr_torch INTERFACE IMPORTED)
  target_include_directories(affectsr_torch INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(affectsr_torch INTERFACE ${TORCH_LIBRARIES})

  # TORCH_CXX_FLAGS sets the layout of std::string that LibTorch was built with: every room must share it, not only those
  # that include LibTorch. Where it is the compiler's own, saying so would only compile every room anew.
  include(CheckCXXSourceCompiles)
  check_cxx_source_compiles("#include <string>
    #if !_GLIBCXX_USE_CXX11_ABI
    #error the old layout
    #endif
    int main() {}" AFFECTSR_CXX11_ABI)
  separate_arguments(affectsr_abi_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  if(AFFECTSR_CXX11_ABI)
    list(REMOVE_ITEM affectsr_abi_flags -D_GLIBCXX_USE_CXX11_ABI=1)
  else()
    list(REMOVE_ITEM affectsr_abi_flags -D_GLIBCXX_USE_CXX11_ABI=0)
  endif()
endif()
add_library(affectsr_abi INTERFACE IMPORTED)
target_compile_options(affectsr_abi INTERFACE ${affectsr_abi_flags})
