#pragma once
// Which of Highway's targets are compiled; to be included before its headers. Left out: those that differ from a
// neighbour by nothing that these kernels use, and those whose vectors cannot stand in arrays.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
