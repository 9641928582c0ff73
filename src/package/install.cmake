# install.cmake - the library as others see it, and what is installed
#
# Both kinds of library are made of the objects that the program is linked
# from.  What a static library needs besides itself is read off those objects,
# so that a new dependency has to be written down once.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_CURRENT_LIST_DIR})

# ---- what a static library needs: flags for pkg-config, targets for CMake

# The file of a library: itself, or that of an imported target; else empty.
function(wcp_library_file library file_ret)
  set(file "")
  if(IS_ABSOLUTE "${library}")
    set(file ${library})
  elseif(TARGET ${library})
    get_target_property(type ${library} TYPE)
    if(NOT type STREQUAL INTERFACE_LIBRARY)
      foreach(config "" _RELEASE _RELWITHDEBINFO _NONE _NOCONFIG)
        get_target_property(location ${library} IMPORTED_LOCATION${config})
        if(location AND NOT file)
          set(file ${location})
        endif()
      endforeach()
    endif()
  endif()
  set(${file_ret} "${file}" PARENT_SCOPE)
endfunction()

get_target_property(libraries wcp_objects INTERFACE_LINK_LIBRARIES)
list(REMOVE_DUPLICATES libraries)
set(pc_private "")
set(config_static "")
set(static_libraries "")
foreach(library ${libraries})
  wcp_library_file(${library} file)
  if(library STREQUAL Threads::Threads)
    list(APPEND pc_private -pthread)
  elseif(file)
    get_filename_component(dir ${file} DIRECTORY)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "^lib|\\.(a|so|dylib|tbd).*$" "" name ${name})
    if(NOT dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
      list(APPEND pc_private -L${dir})
    endif()
    list(APPEND pc_private -l${name})
  elseif(NOT TARGET ${library})
    list(APPEND pc_private -l${library})
  endif()

  if(TARGET ${library})
    list(APPEND static_libraries ${library})
    string(REGEX REPLACE "::.*" "" package ${library})
    string(APPEND config_static "  find_dependency(${package})\n")
  elseif(file)
    # Found again where it is used, so that the package can be moved.
    list(APPEND static_libraries $<BUILD_INTERFACE:${file}>
         $<INSTALL_INTERFACE:wirecopy::${name}>)
    string(APPEND config_static
           "  find_library(WIRECOPY_${name}_LIBRARY ${name} REQUIRED)\n"
           "  if(NOT TARGET wirecopy::${name})\n"
           "    add_library(wirecopy::${name} UNKNOWN IMPORTED)\n"
           "    set_target_properties(wirecopy::${name} PROPERTIES\n"
           "      IMPORTED_LOCATION \"\${WIRECOPY_${name}_LIBRARY}\")\n"
           "  endif()\n")
  else()
    list(APPEND static_libraries ${library})
  endif()
endforeach()
# One object is C++: a program in C can do without a compiler for it.
foreach(library ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
  if(library MATCHES "^(std)?c\\+\\+(abi)?$")
    list(APPEND pc_private -l${library})
    list(APPEND static_libraries ${library})
  endif()
endforeach()
list(REMOVE_DUPLICATES pc_private)
list(JOIN pc_private " " pc_private)

# ---- the libraries

add_library(wirecopy_shared SHARED $<TARGET_OBJECTS:wcp_objects>)
add_library(wirecopy_static STATIC $<TARGET_OBJECTS:wcp_objects>)
foreach(kind shared static)
  set_target_properties(wirecopy_${kind} PROPERTIES OUTPUT_NAME wirecopy)
  target_include_directories(wirecopy_${kind} INTERFACE
                             $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(wirecopy_shared PROPERTIES LINKER_LANGUAGE CXX
                      EXPORT_NAME wirecopy VERSION ${PROJECT_VERSION}
                      SOVERSION 0)
target_link_libraries(wirecopy_shared PRIVATE ${libraries})
set_target_properties(wirecopy_static PROPERTIES LINKER_LANGUAGE C)
target_link_libraries(wirecopy_static PRIVATE ${static_libraries})
if(NOT APPLE)
  set_target_properties(wirecopy_shared PROPERTIES
                        LINK_DEPENDS ${package_dir}/wirecopy.map)
  target_link_options(wirecopy_shared PRIVATE
                      -Wl,--version-script=${package_dir}/wirecopy.map)
  if(NOT WCP_SANITIZE) # whose functions are in the program
    target_link_options(wirecopy_shared PRIVATE -Wl,-z,defs)
  endif()
endif()

install(TARGETS wirecopy)
install(FILES src/wirecopy.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS wirecopy_shared EXPORT wirecopyTargets)
install(TARGETS wirecopy_static EXPORT wirecopyStaticTargets)

# ---- pkg-config and CMake

# Paths that follow the file when the tree is moved, where they can.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
       ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" up "${up}")
  set(pc_prefix "\${pcfiledir}/${up}")
endif()
foreach(name includedir libdir)
  string(TOUPPER CMAKE_INSTALL_${name} variable)
  set(pc_${name} ${${variable}})
  if(NOT IS_ABSOLUTE ${pc_${name}})
    set(pc_${name} "\${prefix}/${pc_${name}}")
  endif()
endforeach()
configure_file(${package_dir}/wirecopy.pc.in wirecopy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/wirecopy.pc DESTINATION ${pc_dir})

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wirecopy)
configure_package_config_file(${package_dir}/wirecopyConfig.cmake.in
                              wirecopyConfig.cmake
                              INSTALL_DESTINATION ${config_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(wirecopyConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wirecopyConfig.cmake
        ${PROJECT_BINARY_DIR}/wirecopyConfigVersion.cmake
        DESTINATION ${config_dir})
foreach(set wirecopyTargets wirecopyStaticTargets)
  install(EXPORT ${set} NAMESPACE wirecopy:: DESTINATION ${config_dir})
endforeach()

# ---- manual and completions, which the program writes

install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES bench/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/bench)
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "cross-compiling: manual and completions are left out")
  return()
endif()
# 'wirecopy help ARGUMENT...' into a file, which is installed as 'installed'.
set(written "")
function(wcp_write file destination installed)
  # Under a name of its own: DEPENDS takes the last part for a target.
  add_custom_command(OUTPUT ${file} VERBATIM
                     COMMAND wirecopy help ${ARGN} > ${file} DEPENDS wirecopy)
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${destination}
          RENAME ${installed})
  set(written ${written} ${file} PARENT_SCOPE)
endfunction()
set(data ${CMAKE_INSTALL_DATADIR})
wcp_write(wirecopy.1 ${CMAKE_INSTALL_MANDIR}/man1 wirecopy.1 --man)
wcp_write(wirecopy.bash ${data}/bash-completion/completions wirecopy
          --completion bash)
wcp_write(wirecopy.zsh ${data}/zsh/site-functions _wirecopy --completion zsh)
wcp_write(wirecopy.fish ${data}/fish/vendor_completions.d wirecopy.fish
          --completion fish)
add_custom_target(written_by_program ALL DEPENDS ${written})
