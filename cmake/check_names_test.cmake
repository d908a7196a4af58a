# check_names.cmake must refuse what it promises to refuse:  cmake -D WORK_DIR=… -P cmake/check_names_test.cmake
# A small house is laid out; it must pass, and with one more piece of source it must fail and say why.
cmake_minimum_required(VERSION 3.22)
set(src ${WORK_DIR}/src/affectsr)

function(lay_out_house)
  file(REMOVE_RECURSE ${WORK_DIR})
  file(WRITE ${src}/net/model.h "namespace affectsr {\nstruct Model {\n    int size = 0;\n    struct Part {};\n};\nclass Engine;\n"
    "int size_of(const Model& model);\ninline int twice(int a) {\n    return 2 * a;\n}\n}  // namespace affectsr\n")
  file(WRITE ${src}/net/model.cpp "namespace affectsr {\n\nnamespace {\n\nstruct Entry {\n};\nint helper() {\n    return 1;\n}\n\n"
    "}  // namespace\n\nclass Engine {\n};\nint size_of(const Model& model) {\n    return model.size;\n}\nint Model::other() {\n}\n\n"
    "}  // namespace affectsr\n")
  file(WRITE ${src}/train/run.h "namespace affectsr {\nstruct Run {\n    struct Part {};\n};\nstruct Model;\n}  // namespace affectsr\n")
  file(WRITE ${src}/train/run_test.cpp "namespace affectsr {\nnamespace {\n\nstruct Entry {\n};\nTEST(Run, Goes) {\n}\n\n}  // namespace\n}  // namespace affectsr\n")
endfunction()

function(check_house result output)
  execute_process(COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${WORK_DIR} -P ${CMAKE_CURRENT_LIST_DIR}/check_names.cmake
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# `file` with `content` in a namespace must be refused with a message that matches `expected`.
function(expect_refused file namespace content expected)
  lay_out_house()
  file(APPEND ${src}/${file} "namespace ${namespace} {\n${content}\n}  // namespace ${namespace}\n")
  check_house(code text)
  if(code EQUAL 0 OR NOT text MATCHES "${expected}")
    message(SEND_ERROR "${file} with '${content}' should be refused as '${expected}'; exit ${code}: ${text}")
  endif()
endfunction()

lay_out_house()
check_house(code text)
if(NOT code EQUAL 0)
  message(SEND_ERROR "a house in order should pass: ${text}")
endif()
# One checkpoint of a run and one that was published; one folder for the tests of each of two rooms.
expect_refused(train/model.h affectsr "struct Model {\n    double loss = 0;\n};" "Model is defined in .*net/model.h too")
expect_refused(cli/test_model.h affectsr::cli "class Model : public Base {\n};" "Model is defined in .* too")
expect_refused(cli/model.h affectsr "template <class T>\nclass Model final : public T {\n};" "Model is defined in .* too")
expect_refused(cli/model.h affectsr "enum class Model { a, b }\\;" "Model is defined in .* too")
expect_refused(train/run_test.cpp affectsr "struct Fake {\n};" "run_test.cpp: affectsr::Fake is declared in no header")
expect_refused(train/run.cpp affectsr "int helper(int a) {\n    return a;\n}" "run.cpp: affectsr::helper\\(\\) is declared in no header")
expect_refused(train/run.h affectsr "inline int twice(int a) {\n    return a + a;\n}" "twice.* is defined in .*net/model.h too")
expect_refused(train/run.h "" "constexpr int kOne = 1;" "run.h: a header has no unnamed namespace")
file(REMOVE_RECURSE ${WORK_DIR})
