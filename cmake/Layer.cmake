# affectsr_add_layer(NAME [TORCH] NEEDS room… LINKS library… USES library…)
#
# A room is a folder and a static library. It may need only rooms that were added before it, so a circle of rooms
# cannot be configured; check_layers.cmake holds the #include lines to the same list (CTest "architecture").
#   x.cpp        the library            x_test.cpp   the program NAME_test, CTest "NAME/x"
#   x_bench.cpp  the program NAME_bench x_golden.cpp golden runners, linked into the tests and affectsr-golden
#   test_x.cpp   what tests of several rooms share; a target of its own in the room's CMakeLists.txt
# TORCH marks a room with sources that include LibTorch: those share the precompiled header of `learn`. Only the rooms
# below the line may ask for it (IncludeGraph.cmake).
# LINKS are libraries that the room's headers name; USES those that only its sources know.
include(IncludeGraph)
set_property(GLOBAL PROPERTY AFFECTSR_ROOMS "")
# Against hanging, not against slowness: a busy machine under a sanitizer is twenty times slower than a free one.
set(AFFECTSR_TEST_TIMEOUT 3600)

function(affectsr_add_layer name)
  cmake_parse_arguments(ROOM "TORCH" "" "NEEDS;LINKS;USES" ${ARGN})
  get_property(rooms GLOBAL PROPERTY AFFECTSR_ROOMS)
  foreach(need IN LISTS ROOM_NEEDS)
    if(NOT need IN_LIST rooms)
      message(FATAL_ERROR "Room '${name}' needs '${need}', which is not below it. The floors are in src/affectsr/CMakeLists.txt.")
    endif()
  endforeach()
  list(JOIN affectsr_torch_rooms ", " torch_rooms)
  if(ROOM_TORCH AND NOT name IN_LIST affectsr_torch_rooms)
    message(FATAL_ERROR "Room '${name}' asks for LibTorch (TORCH); what answers must be free of it. It may be included in "
      "${torch_rooms} only: move what needs it there.")
  endif()
  foreach(need IN LISTS ROOM_NEEDS)
    if(need IN_LIST affectsr_torch_rooms AND NOT name IN_LIST affectsr_torch_rooms)
      message(FATAL_ERROR "Room '${name}' needs '${need}', which includes LibTorch; only ${torch_rooms} may.")
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY AFFECTSR_ROOMS ${name})
  set_property(GLOBAL PROPERTY AFFECTSR_NEEDS_${name} "${ROOM_NEEDS}")
  set_property(GLOBAL PROPERTY AFFECTSR_TORCH_${name} "${ROOM_TORCH}")

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  set(test_sources ${sources})
  set(bench_sources ${sources})
  set(golden_sources ${sources})
  list(FILTER test_sources INCLUDE REGEX "_test\\.cpp$")
  list(FILTER bench_sources INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER golden_sources INCLUDE REGEX "_golden\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_golden|/main|/test_[^/]*)\\.cpp$")
  if(NOT AFFECTSR_OPENCV)
    list(FILTER sources EXCLUDE REGEX "/opencv[^/]*\\.cpp$")
    list(FILTER test_sources EXCLUDE REGEX "/opencv[^/]*\\.cpp$")
  endif()
  # Without oneDNN the engine is absent: engine/absent.cpp says so, and what would play with it is not tested. Nor is
  # anything drawn, so FreeType is not needed either.
  if(AFFECTSR_RUNTIME)
    list(FILTER sources EXCLUDE REGEX "/engine/absent\\.cpp$")
  elseif(name STREQUAL "pipeline")
    list(FILTER sources EXCLUDE REGEX "/(lettering|canvas|annotate|strip)\\.cpp$")
    set(test_sources "")
  elseif(name STREQUAL "engine")
    list(FILTER sources INCLUDE REGEX "/(absent|threads)\\.cpp$")
    set(test_sources "")
    set(bench_sources "")
  elseif(name STREQUAL "learn")
    list(FILTER test_sources EXCLUDE REGEX "/(plan_engine|parity)[^/]*\\.cpp$")
  elseif("engine" IN_LIST ROOM_NEEDS AND NOT ROOM_TORCH)
    set(test_sources "")
  endif()

  add_library(affectsr_${name} STATIC ${sources})
  add_library(affectsr::${name} ALIAS affectsr_${name})
  set_target_properties(affectsr_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(affectsr_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(affectsr_${name} PUBLIC cxx_std_20)
  list(TRANSFORM ROOM_NEEDS PREPEND affectsr_ OUTPUT_VARIABLE needed)
  target_link_libraries(affectsr_${name} PUBLIC ${needed} ${ROOM_LINKS} affectsr_abi
    PRIVATE ${ROOM_USES} $<BUILD_INTERFACE:affectsr_warnings>)
  affectsr_share_torch(affectsr_${name} ${name} "${ROOM_TORCH}")

  if(golden_sources AND AFFECTSR_TESTS AND AFFECTSR_TRAIN)
    # An object library: registration objects must not be dropped by the linker.
    add_library(affectsr_${name}_golden OBJECT ${golden_sources})
    target_link_libraries(affectsr_${name}_golden PUBLIC affectsr_${name} affectsr_golden_cases PRIVATE affectsr_warnings)
    affectsr_share_torch(affectsr_${name}_golden ${name} "${ROOM_TORCH}")
    set_property(GLOBAL APPEND PROPERTY AFFECTSR_GOLDEN affectsr_${name}_golden)
  endif()
  if(test_sources AND AFFECTSR_TESTS)
    add_executable(${name}_test ${test_sources})
    target_link_libraries(${name}_test PRIVATE affectsr_${name} affectsr_warnings GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE AFFECTSR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    affectsr_share_torch(${name}_test ${name} "${ROOM_TORCH}")
    set(named_suites "")
    foreach(source IN LISTS test_sources)
      get_filename_component(stem ${source} NAME)
      string(REGEX REPLACE "_test\\.cpp$" "" stem ${stem})
      affectsr_pascal_case(${stem} suite)
      set(suites "${suite}.*:${suite}Test.*:${suite}/*:*/${suite}.*")
      string(APPEND named_suites ":${suites}")
      add_test(NAME ${name}/${stem} COMMAND ${name}_test --gtest_filter=${suites})
      # A filter that finds nothing must not pass.
      set_tests_properties(${name}/${stem} PROPERTIES FAIL_REGULAR_EXPRESSION "Running 0 tests"
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} TIMEOUT ${AFFECTSR_TEST_TIMEOUT})
    endforeach()
    # Suites that no file is named after would run nowhere else.
    add_test(NAME ${name}/other_suites COMMAND ${name}_test --gtest_filter=-${named_suites})
    set_tests_properties(${name}/other_suites PROPERTIES
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} TIMEOUT ${AFFECTSR_TEST_TIMEOUT})
  endif()
  if(bench_sources AND AFFECTSR_BENCH)
    add_executable(${name}_bench ${bench_sources})
    target_link_libraries(${name}_bench PRIVATE affectsr_${name} affectsr_warnings benchmark::benchmark benchmark::benchmark_main)
    target_compile_definitions(${name}_bench PRIVATE AFFECTSR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    affectsr_share_torch(${name}_bench ${name} "${ROOM_TORCH}")
    add_dependencies(bench ${name}_bench)
  endif()
endfunction()

# affectsr_add_program(NAME ROOM): the program NAME of a room's main.cpp. All lie in one folder, as they are installed, so
# that one finds the other beside it.
function(affectsr_add_program name room)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE affectsr_${room} affectsr_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set_property(GLOBAL APPEND PROPERTY AFFECTSR_PROGRAMS ${name})
endfunction()

# affectsr_add_isa_test(NAME COMMAND program argument…)
#
# A test of the engine once more as on lesser processors: ONEDNN_MAX_CPU_ISA withholds instruction sets from oneDNN. AVX2 has no
# bfloat16; AVX512_CORE, tested where this machine is not below it, has it emulated and no matrix unit.
function(affectsr_add_isa_test name)
  if(NOT AFFECTSR_RUNTIME OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()
  set(sets AVX2)
  if(EXISTS /proc/cpuinfo)
    file(STRINGS /proc/cpuinfo has_avx512 REGEX "^flags.* avx512bw " LIMIT_COUNT 1)
    if(has_avx512)
      list(APPEND sets AVX512_CORE)
    endif()
  endif()
  foreach(set IN LISTS sets)
    string(TOLOWER ${name}/${set} test)
    add_test(NAME ${test} ${ARGN})
    set_tests_properties(${test} PROPERTIES ENVIRONMENT ONEDNN_MAX_CPU_ISA=${set} TIMEOUT ${AFFECTSR_TEST_TIMEOUT}
      SKIP_RETURN_CODE 77 FAIL_REGULAR_EXPRESSION "Running 0 tests" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endforeach()
endfunction()

# Reading what we use of LibTorch costs a file 18 s of the processor; precompiled, 7.6. GCC takes a
# precompiled header only with the flags that it was made with, so programs are compiled as the libraries are: -fPIC, not -fPIE.
function(affectsr_share_torch target room uses_torch)
  if(NOT uses_torch)
    return()
  endif()
  target_link_libraries(${target} PUBLIC affectsr_torch)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
  if(target STREQUAL "affectsr_learn")
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src/affectsr/learn/libtorch.h)
  else()
    target_precompile_headers(${target} REUSE_FROM affectsr_learn)
  endif()
  # Loading it costs 4 s, which sources without LibTorch need not pay.
  set(src ${PROJECT_SOURCE_DIR}/src/affectsr)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH file ${src} ${path})
    affectsr_reaches_torch(${src} ${file} through)
    if(through STREQUAL "")
      set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
endfunction()

function(affectsr_pascal_case snake result)
  string(REPLACE "_" ";" words ${snake})
  set(pascal "")
  foreach(word IN LISTS words)
    string(SUBSTRING ${word} 0 1 first)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${first} first)
    string(APPEND pascal ${first}${rest})
  endforeach()
  set(${result} ${pascal} PARENT_SCOPE)
endfunction()
