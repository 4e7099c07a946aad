# Which versions of nnc this one can stand in for: before 1.0 those with the same second number, then those with the same
# first, unless they are newer.
include("${CMAKE_CURRENT_LIST_DIR}/nncPaths.cmake")

foreach(part IN ITEMS MAJOR MINOR PATCH)
  file(STRINGS "${_nnc_runtime_headers}/nnc_runtime.h" line REGEX "^#define NNC_VERSION_${part} ")
  string(REGEX REPLACE ".* " "" version_${part} "${line}")
endforeach()
set(PACKAGE_VERSION "${version_MAJOR}.${version_MINOR}.${version_PATCH}")

set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION VERSION_LESS_EQUAL PACKAGE_VERSION
    AND PACKAGE_FIND_VERSION_MAJOR EQUAL version_MAJOR
    AND (version_MAJOR GREATER 0 OR PACKAGE_FIND_VERSION_MINOR EQUAL version_MINOR))
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
