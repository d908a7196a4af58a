# Installs the build into a folder of its own, then configures, builds and runs the user's project against it.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nexit ${code}:\n${text}")
  endif()
  message("${text}")
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${WORK_DIR}/build -G ${GENERATOR} -D CMAKE_BUILD_TYPE=${BUILD_TYPE}
  "-D CMAKE_CXX_FLAGS=${CXX_FLAGS}" "-D CMAKE_PREFIX_PATH=${WORK_DIR}/prefix;${PREFIXES}")
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer)
run(${WORK_DIR}/prefix/bin/affectsr --version)
if(EXISTS ${WORK_DIR}/prefix/bin/affectsr-train)
  run(${WORK_DIR}/prefix/bin/affectsr train --help)  # found beside it
endif()
file(REMOVE_RECURSE ${WORK_DIR})
