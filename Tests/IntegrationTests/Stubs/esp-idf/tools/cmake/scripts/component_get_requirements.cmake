# The first reading of a component, in a script: prints what it requires.
set(CMAKE_BUILD_EARLY_EXPANSION 1)

macro(idf_component_register)
  cmake_parse_arguments(arg "" "" "SRCS;INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES" ${ARGN})
  foreach(requirement IN LISTS arg_REQUIRES arg_PRIV_REQUIRES)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "requires ${requirement}")
  endforeach()
  return()
endmacro()

include("${COMPONENT_DIR}/CMakeLists.txt")
