# ESP-IDF includes this file once for the project, before it configures the components: nnc_add_model() is known to all of them.
# The component is found in the source tree of nnc, or is a copy of its own beside an installed nnc.
find_package(nnc REQUIRED CONFIG NO_CMAKE_FIND_ROOT_PATH HINTS "${CMAKE_CURRENT_LIST_DIR}/../../..")
