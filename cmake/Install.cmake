# Installs program, libraries, headers, models and the package file that find_package(affectsr) reads.
include(CMakePackageConfigHelpers)
set(affectsr_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/affectsr)
set(affectsr_models_dir ${CMAKE_INSTALL_DATADIR}/affectsr/models)

# Two lists of targets, so that whoever answers loads nothing that names LibTorch.
get_property(rooms GLOBAL PROPERTY AFFECTSR_ROOMS)
foreach(room IN LISTS rooms)
  get_property(uses_torch GLOBAL PROPERTY AFFECTSR_TORCH_${room})
  if(uses_torch)
    install(TARGETS affectsr_${room} EXPORT affectsrTrainTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  else()
    install(TARGETS affectsr_${room} EXPORT affectsrTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
get_property(programs GLOBAL PROPERTY AFFECTSR_PROGRAMS)
install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT affectsrTargets NAMESPACE affectsr:: DESTINATION ${affectsr_package_dir})
if(AFFECTSR_TRAIN)
  install(EXPORT affectsrTrainTargets NAMESPACE affectsr:: DESTINATION ${affectsr_package_dir})
endif()
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
