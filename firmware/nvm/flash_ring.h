/* A ring of flash sectors as the two functions that the schedule `sliced` needs: data goes to the next free words, whole sectors are
 * erased in turn, so that all wear alike. For flash that is erased by the sector to ones and programmed by the 32-bit word, as in
 * STM32F7 (PM0253, RM0410 section 4); the caller gives the three operations of the chip.
 *
 * A sector begins with {MAGIC, sequence, ~sequence}; records follow: {size, ~size, offset, COMMIT} and the data, COMMIT last. After a
 * power failure ditmos_flash_ring_open finds the newest sector, skips records that were begun and not committed, and takes a sector whose
 * header or record is torn as used up: it is erased before it is written again. What was written before the failure is not found again: the
 * maps of an inference have no meaning after it. */
#ifndef DITMOS_FLASH_RING_H
#define DITMOS_FLASH_RING_H

#include <stdint.h>
#include <string.h>

enum { DITMOS_FLASH_RING_SLOTS = 8 };

/* Operations of the chip return 0, or another number on failure. Addresses count bytes from the beginning of the ring's first sector. */
typedef struct {
  void *chip;
  int (*erase)(void *chip, uint32_t sector);
  int (*program)(void *chip, uint32_t address, uint32_t word);
  uint32_t (*read)(const void *chip, uint32_t address);
  uint32_t sectors;       /* 2 or more */
  uint32_t sector_bytes;  /* a multiple of 4 */
  /* State. */
  uint32_t sector, position, sequence, erases;
  int open;
  uint32_t slots;
  struct {
    uint32_t offset, address, size;
  } slot[DITMOS_FLASH_RING_SLOTS];
} ditmos_flash_ring;

#define DITMOS_FLASH_RING_MAGIC 0x4E565231u
#define DITMOS_FLASH_RING_COMMIT 0x434F4D54u
enum { DITMOS_FLASH_RING_SECTOR_HEADER = 12, DITMOS_FLASH_RING_RECORD_HEADER = 16 };

static inline uint32_t ditmos_flash_ring_word(const ditmos_flash_ring *ring, uint32_t sector, uint32_t position) {
  return ring->read(ring->chip, sector * ring->sector_bytes + position);
}

static inline int ditmos_flash_ring_program(ditmos_flash_ring *ring, uint32_t position, uint32_t word) {
  return ring->program(ring->chip, ring->sector * ring->sector_bytes + position, word);
}

/* Erases the next sector and makes it the current one. */
static inline int ditmos_flash_ring_next(ditmos_flash_ring *ring) {
  const uint32_t sequence = ring->sequence + 1u;
  ring->sector = (ring->sector + 1u) % ring->sectors;
  ring->position = ring->sector_bytes; /* full, should the erase fail */
  if (ring->erase(ring->chip, ring->sector) != 0) return -1;
  ring->erases++;
  /* What lay in the erased sector is gone; the sector before it keeps its records. */
  for (uint32_t i = 0; i < ring->slots;) {
    if (ring->slot[i].address / ring->sector_bytes == ring->sector) ring->slot[i] = ring->slot[--ring->slots];
    else i++;
  }
  if (ditmos_flash_ring_program(ring, 0, DITMOS_FLASH_RING_MAGIC) != 0 || ditmos_flash_ring_program(ring, 4, sequence) != 0 ||
      ditmos_flash_ring_program(ring, 8, ~sequence) != 0)
    return -1;
  ring->sequence = sequence;
  ring->position = DITMOS_FLASH_RING_SECTOR_HEADER;
  return 0;
}

/* Finds where the ring ended. Erases nothing. 0, or -1 when the geometry is unusable. */
static inline int ditmos_flash_ring_open(ditmos_flash_ring *ring) {
  int found = 0;
  if (ring->sectors < 2u || ring->sector_bytes < 64u || ring->sector_bytes % 4u != 0u) return -1;
  ring->slots = 0;
  ring->erases = 0;
  ring->sequence = 0;
  ring->sector = ring->sectors - 1u;
  ring->position = ring->sector_bytes;
  for (uint32_t sector = 0; sector < ring->sectors; sector++) {
    const uint32_t sequence = ditmos_flash_ring_word(ring, sector, 4);
    if (ditmos_flash_ring_word(ring, sector, 0) != DITMOS_FLASH_RING_MAGIC || ditmos_flash_ring_word(ring, sector, 8) != ~sequence) continue;
    if (found && sequence <= ring->sequence) continue;
    found = 1;
    ring->sequence = sequence;
    ring->sector = sector;
  }
  ring->open = 1;
  if (!found) return 0;
  ring->position = DITMOS_FLASH_RING_SECTOR_HEADER;
  while (ring->position + DITMOS_FLASH_RING_RECORD_HEADER <= ring->sector_bytes) {
    const uint32_t size = ditmos_flash_ring_word(ring, ring->sector, ring->position);
    const uint32_t check = ditmos_flash_ring_word(ring, ring->sector, ring->position + 4u);
    const uint32_t room = ring->sector_bytes - ring->position - DITMOS_FLASH_RING_RECORD_HEADER;
    if (size == 0xFFFFFFFFu && check == 0xFFFFFFFFu) break; /* free from here on */
    if (check != ~size || size > room) {
      ring->position = ring->sector_bytes; /* torn */
      break;
    }
    ring->position += DITMOS_FLASH_RING_RECORD_HEADER + (size + 3u) / 4u * 4u;
  }
  return 0;
}

/* Keeps `size` bytes under `offset`, replacing what was there. 0, or -1: too large for a sector, too many offsets, or the chip failed. */
static inline int ditmos_flash_ring_write(ditmos_flash_ring *ring, uint32_t offset, const void *data, uint32_t size) {
  const unsigned char *from = (const unsigned char *)data;
  const uint32_t padded = (size + 3u) / 4u * 4u;
  const uint32_t needed = DITMOS_FLASH_RING_RECORD_HEADER + padded;
  uint32_t slot = 0, start;
  if (!ring->open || size > ring->sector_bytes || DITMOS_FLASH_RING_SECTOR_HEADER + needed > ring->sector_bytes) return -1;
  if (ring->position + needed > ring->sector_bytes && ditmos_flash_ring_next(ring) != 0) return -1;
  while (slot < ring->slots && ring->slot[slot].offset != offset) slot++;
  if (slot == DITMOS_FLASH_RING_SLOTS) return -1;
  start = ring->position;
  ring->position += needed;
  if (ditmos_flash_ring_program(ring, start, size) != 0 || ditmos_flash_ring_program(ring, start + 4u, ~size) != 0 ||
      ditmos_flash_ring_program(ring, start + 8u, offset) != 0)
    return -1;
  for (uint32_t i = 0; i < padded; i += 4u) {
    uint32_t word = 0;
    memcpy(&word, from + i, size - i < 4u ? size - i : 4u);
    if (word != 0xFFFFFFFFu && ditmos_flash_ring_program(ring, start + DITMOS_FLASH_RING_RECORD_HEADER + i, word) != 0) return -1;
  }
  if (ditmos_flash_ring_program(ring, start + 12u, DITMOS_FLASH_RING_COMMIT) != 0) return -1;
  if (slot == ring->slots) ring->slots++;
  ring->slot[slot].offset = offset;
  ring->slot[slot].address = ring->sector * ring->sector_bytes + start + DITMOS_FLASH_RING_RECORD_HEADER;
  ring->slot[slot].size = size;
  return 0;
}

/* Reads back what was written under `offset` since the ring was opened. 0, or -1 when it is not there, or no longer. */
static inline int ditmos_flash_ring_read(const ditmos_flash_ring *ring, uint32_t offset, void *data, uint32_t size) {
  unsigned char *to = (unsigned char *)data;
  for (uint32_t slot = 0; slot < ring->slots; slot++) {
    if (ring->slot[slot].offset != offset || ring->slot[slot].size < size) continue;
    for (uint32_t i = 0; i < size; i += 4u) {
      const uint32_t word = ring->read(ring->chip, ring->slot[slot].address + i);
      memcpy(to + i, &word, size - i < 4u ? size - i : 4u);
    }
    return 0;
  }
  return -1;
}

#endif
