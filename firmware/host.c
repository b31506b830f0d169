/* The harness's surroundings on the host: the C library's files, no measurement. */
#include <stdio.h>

#include "harness.h"

#include DITMOS_HEADER

static FILE *files[2];

int ditmos_measured_run(void *arena, const void *samples, uint32_t *stack_bytes) {
  *stack_bytes = 0;
#ifdef DITMOS_FROM_SAMPLES
  return ditmos_entry(arena, samples);
#else
  (void)samples;
  return DITMOS_ENTRY(arena);
#endif
}

int io_open(const char *name, const char *mode) {
  const int index = mode[0] == 'r' ? 0 : 1;
  files[index] = fopen(name, mode);
  return files[index] ? index : -1;
}

size_t io_read(int file, void *to, size_t size) { return fread(to, 1, size, files[file]); }
int io_write(int file, const void *from, size_t size) { return fwrite(from, 1, size, files[file]) == size ? 0 : -1; }
void io_close(int file) { fclose(files[file]); }
