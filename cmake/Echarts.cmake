# The chart library of the HTML reports: package.json pins it, npm brings it, src/report/assets.cpp links it in.
set(echarts ${CMAKE_SOURCE_DIR}/node_modules/echarts/dist/echarts.min.js)
if(NOT EXISTS ${echarts})
  execute_process(COMMAND npm ci --silent --no-audit --no-fund --ignore-scripts
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_QUIET)
endif()
if(NOT EXISTS ${echarts})
  message(FATAL_ERROR "${echarts} is absent and npm could not bring it: run tools/setup, or npm ci, with a network")
endif()
file(GLOB page_assets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/report/*.css ${CMAKE_SOURCE_DIR}/src/report/*.js)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/report/assets.cpp PROPERTIES OBJECT_DEPENDS "${page_assets};${echarts}")
