# Writes the functions that say which version and commit a program was built from:
#   cmake -D SOURCE_DIR=… -D VERSION=… -D OUTPUT=file.cpp -P cmake/write_commit.cmake
# The file is touched only if it changes, so an unchanged commit costs no compilation.
set(commit "unknown")
find_program(git git)
if(git AND EXISTS ${SOURCE_DIR}/.git)
  execute_process(COMMAND ${git} -C ${SOURCE_DIR} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(commit "unknown")
  else()
    # Changed sources make other figures than the commit would; other files do not.
    execute_process(COMMAND ${git} -C ${SOURCE_DIR} status --porcelain --untracked-files=no -- src models cmake CMakeLists.txt
      OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      string(APPEND commit "-modified")
    endif()
  endif()
endif()
set(text "namespace affectsr {
const char* program_version();
const char* program_version() { return \"${VERSION}\"; }
const char* program_commit();
const char* program_commit() { return \"${commit}\"; }
}  // namespace affectsr
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
