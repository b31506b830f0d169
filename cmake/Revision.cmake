# Run at each build: writes OUT, a header with the git revision of SOURCE, when it has changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${OUT} CONTENT "#pragma once\n#define DITMOS_REVISION \"${revision}\"\n")
