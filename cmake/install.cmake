# What `cmake --install` puts where: libraries, headers, and what find_package and pkg-config need.
set(installed crossing_codec)
set(CROSSING_INSTALLS_TEXT OFF)
if(TARGET crossing_text)
  list(APPEND installed crossing_text)
  set(CROSSING_INSTALLS_TEXT ON)
endif()

# Shared libraries are found from where they were installed, wherever that is.
set_target_properties(${installed} PROPERTIES INSTALL_RPATH "$ORIGIN")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

install(TARGETS ${installed} EXPORT crossing
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/crossing DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/crossing)  # for engines

set(CROSSING_STATIC ON)
if(BUILD_SHARED_LIBS)
  set(CROSSING_STATIC OFF)
endif()
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/crossing)
install(EXPORT crossing NAMESPACE crossing:: FILE crossingTargets.cmake DESTINATION ${package})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/crossingConfig.cmake.in crossingConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(crossingConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/crossingConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/crossingConfigVersion.cmake DESTINATION ${package})

# `pkg-config --static` says what a static library needs besides.
file(RELATIVE_PATH CROSSING_PC_TO_PREFIX
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(pcs crossing)
if(CROSSING_INSTALLS_TEXT)
  list(APPEND pcs crossing-text)
endif()
foreach(pc ${pcs})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${pc}.pc.in ${pc}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${pc}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
