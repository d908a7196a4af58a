# What the library stands on; everything is a package of the distribution (docs/adr/0008 says what each one earns).
# The installed package reads this same file, so that a user's project finds what ours was built with.
find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(Torch REQUIRED)
if(AFFECTSR_OPENCV)
  find_package(OpenCV 4.5 REQUIRED COMPONENTS core imgproc objdetect)
endif()
if(AFFECTSR_ENGINE)
  find_package(dnnl 2.6 REQUIRED)
  # The runtime alone: a source compiled with its flag cannot share LibTorch's precompiled header.
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  add_library(affectsr_openmp INTERFACE IMPORTED)
  target_link_libraries(affectsr_openmp INTERFACE ${OpenMP_CXX_LIBRARIES})
endif()

# TORCH_CXX_FLAGS sets the layout of std::string that LibTorch was built with: every room must share it, not only those
# that include LibTorch.
add_library(affectsr_abi INTERFACE IMPORTED)
separate_arguments(affectsr_torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(affectsr_abi INTERFACE ${affectsr_torch_flags})

# One target for LibTorch; imported, so its headers are SYSTEM.
add_library(affectsr_torch INTERFACE IMPORTED)
target_include_directories(affectsr_torch INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(affectsr_torch INTERFACE ${TORCH_LIBRARIES})
