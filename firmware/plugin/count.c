/* QEMU plugin: how often each translated block ran between the entry of one function and the return from it, and how often
   it was left by a taken branch. Nothing is counted outside, nor in calls of the function from elsewhere than the measuring
   call. One pass over these counts gives instructions (exact, by
   function, by window) and prices; both are done on the host, where the program's bytes are at hand.

   Arguments: call=ADDRESS (the measuring call), begin=ADDRESS (first instruction of the function), end=ADDRESS (where it
   returns to), out=FILE; for a board whose flash is slow also flash=FIRST, flash_end=PAST_LAST, line=BYTES and, of the caches
   for code and for constants, code_lines=, code_ways=, data_lines=, data_ways= (0 lines: one buffered line).
   The file: 32-bit words in host order. A window: 1, n, data misses, code misses, code misses in sequence,
   n x {block, runs, taken}. At the end, the blocks: 2, n, n x {address, bytes, instructions}. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's plugin interface, version 1 (QEMU 4.2 to 8.x), as far as used here; Debian ships no header for it. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1 };
#define EXPORT __attribute__((visibility("default")))
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned int, void *), enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned int, uint32_t, uint64_t, void *),
                                      enum qemu_plugin_cb_flags, enum qemu_plugin_mem_rw, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t, const struct qemu_info_t *, int, char **);
int qemu_plugin_version = 1;

struct block {
  uint32_t index, address, bytes, instructions;
  uint32_t runs, taken;
};

static struct block **blocks;
static uint32_t block_count, block_capacity;
static struct block **touched; /* blocks that ran in this window */
static uint32_t touched_count;
static struct block *previous;
static bool armed, active;
static uint32_t call_address, begin_address, end_address;
static FILE *out;

/* A cache with least-recently-used replacement; each set keeps its lines newest first. Line numbers are stored plus one. */
struct cache {
  uint32_t sets, ways;
  uint32_t *lines;
};
static struct cache code_cache, data_cache;
static uint32_t flash_begin, flash_end, line_bytes, code_lines, code_ways = 1, data_lines, data_ways = 1;
static uint32_t last_code_line;
static uint32_t data_misses, code_misses, code_misses_in_sequence;

static bool cache_make(struct cache *cache, uint32_t lines, uint32_t ways) {
  if (lines == 0) lines = 1;
  if (ways == 0 || ways > lines) ways = lines;
  cache->ways = ways;
  cache->sets = lines / ways;
  cache->lines = calloc((size_t)cache->sets * ways, sizeof *cache->lines);
  return cache->lines != NULL;
}

static bool cache_hit(struct cache *cache, uint32_t line) {
  uint32_t *set = cache->lines + (size_t)(line % cache->sets) * cache->ways;
  const uint32_t tag = line + 1;
  uint32_t at = 0;
  if (set[0] == tag) return true;
  while (at < cache->ways && set[at] != tag) ++at;
  const bool hit = at < cache->ways;
  memmove(set + 1, set, (hit ? at : cache->ways - 1) * sizeof *set);
  set[0] = tag;
  return hit;
}

static void fetch_code(const struct block *block) {
  const uint32_t last = (block->address + block->bytes - 1) / line_bytes;
  for (uint32_t line = block->address / line_bytes; line <= last; ++line) {
    if (line == last_code_line) continue;
    if (!cache_hit(&code_cache, line)) {
      if (line == last_code_line + 1) code_misses_in_sequence++;
      else code_misses++;
    }
    last_code_line = line;
  }
}

static void loaded(unsigned int cpu, uint32_t info, uint64_t address, void *data) {
  (void)cpu;
  (void)info;
  (void)data;
  if (!active || address < flash_begin || address >= flash_end) return;
  if (!cache_hit(&data_cache, (uint32_t)address / line_bytes)) data_misses++;
}

static void put(uint32_t word) { fwrite(&word, sizeof word, 1, out); }

static void end_window(void) {
  put(1);
  put(touched_count);
  put(data_misses);
  put(code_misses);
  put(code_misses_in_sequence);
  data_misses = code_misses = code_misses_in_sequence = 0;
  for (uint32_t i = 0; i < touched_count; ++i) {
    put(touched[i]->index);
    put(touched[i]->runs);
    put(touched[i]->taken);
    touched[i]->runs = touched[i]->taken = 0;
  }
  touched_count = 0;
  active = false;
}

static void executed(unsigned int cpu, void *data) {
  struct block *block = data;
  (void)cpu;
  if (!active) {
    if (block->address == call_address) armed = true;
    if (!armed || block->address != begin_address) return;
    active = true;
    armed = false;
    previous = NULL;
  } else if (block->address == end_address) {
    end_window();
    return;
  }
  if (previous && previous->address + previous->bytes != block->address) previous->taken++;
  if (block->runs++ == 0) touched[touched_count++] = block;
  previous = block;
  if (line_bytes) fetch_code(block);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  if (block_count == block_capacity) {
    block_capacity = block_capacity ? 2 * block_capacity : 1024;
    blocks = realloc(blocks, block_capacity * sizeof *blocks);
    touched = realloc(touched, block_capacity * sizeof *touched);
  }
  struct block *block = blocks && touched ? calloc(1, sizeof *block) : NULL;
  if (!block) {
    fputs("ditmos plugin: out of memory\n", stderr);
    exit(1);
  }
  block->index = block_count;
  block->address = (uint32_t)qemu_plugin_tb_vaddr(tb);
  block->instructions = (uint32_t)qemu_plugin_tb_n_insns(tb);
  /* The size that QEMU 7.2 gives of an instruction at a page's end is too large: take it from the encoding (Armv7-M ARM,
     A5.1: the first halfword of a 32-bit one starts with 0b11101 or more). */
  const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, block->instructions - 1);
  const uint8_t *half = qemu_plugin_insn_data(last);
  block->bytes = (uint32_t)qemu_plugin_insn_vaddr(last) - block->address + ((half[1] >> 3) >= 0x1d ? 4 : 2);
  blocks[block_count++] = block;
  for (uint32_t i = 0; line_bytes && i < block->instructions; ++i)
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), loaded, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_R, NULL);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void finish(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  put(2);
  put(block_count);
  for (uint32_t i = 0; i < block_count; ++i) {
    put(blocks[i]->address);
    put(blocks[i]->bytes);
    put(blocks[i]->instructions);
  }
  if (fclose(out) != 0) fputs("ditmos plugin: cannot write the counts\n", stderr);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv) {
  const char *file = NULL;
  (void)info;
  const struct {
    const char *name;
    uint32_t *value;
  } numbers[] = {{"call", &call_address}, {"begin", &begin_address}, {"end", &end_address}, {"flash", &flash_begin},
                 {"flash_end", &flash_end}, {"line", &line_bytes}, {"code_lines", &code_lines}, {"code_ways", &code_ways},
                 {"data_lines", &data_lines}, {"data_ways", &data_ways}};
  for (int i = 0; i < argc; ++i) {
    const size_t length = strcspn(argv[i], "=");
    if (argv[i][length] == '\0') continue;
    const char *value = argv[i] + length + 1;
    if (strncmp(argv[i], "out=", 4) == 0) file = value;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; ++k)
      if (strlen(numbers[k].name) == length && strncmp(argv[i], numbers[k].name, length) == 0)
        *numbers[k].value = (uint32_t)strtoul(value, NULL, 0);
  }
  if (line_bytes && (!cache_make(&code_cache, code_lines, code_ways) || !cache_make(&data_cache, data_lines, data_ways))) {
    fputs("ditmos plugin: out of memory\n", stderr);
    return 1;
  }
  out = file ? fopen(file, "wb") : NULL;
  if (!out) {
    fprintf(stderr, "ditmos plugin: cannot write %s\n", file ? file : "(no out= given)");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
