# Installs program, libraries, headers, models and the package file that find_package(affectsr) reads.
include(CMakePackageConfigHelpers)
set(affectsr_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/affectsr)
set(affectsr_models_dir ${CMAKE_INSTALL_DATADIR}/affectsr/models)

get_property(rooms GLOBAL PROPERTY AFFECTSR_ROOMS)
list(TRANSFORM rooms PREPEND affectsr_)
install(TARGETS ${rooms} EXPORT affectsrTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS affectsr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT affectsrTargets NAMESPACE affectsr:: DESTINATION ${affectsr_package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/affectsr DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION ${affectsr_models_dir} FILES_MATCHING PATTERN *.safetensors)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/affectsrConfig.cmake.in
  ${PROJECT_BINARY_DIR}/affectsrConfig.cmake
  INSTALL_DESTINATION ${affectsr_package_dir} PATH_VARS affectsr_models_dir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/affectsrConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/affectsrConfig.cmake ${PROJECT_BINARY_DIR}/affectsrConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/Dependencies.cmake ${PROJECT_SOURCE_DIR}/cmake/FindOpenCV.cmake
  ${PROJECT_SOURCE_DIR}/cmake/Finddnnl.cmake DESTINATION ${affectsr_package_dir})
