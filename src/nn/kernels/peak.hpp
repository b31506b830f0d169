#pragma once

namespace ditmos::nn {

/// Multiply-adds of this core in 1e9 floating-point operations a second (a multiply-add is two), float32, with the vectors
/// that the kernels use: the best of some runs over independent chains of sums that live in registers.
double measure_peak_gflops();
/// One such run of some 40 microseconds: what the core gives at this moment, when other work on the machine shares its units.
double sample_peak_gflops();

}  // namespace ditmos::nn
