/* All kernels. */
#ifndef DITMOS_H
#define DITMOS_H

#include "conv_f32.h"
#include "conv_s8.h"
#include "depthwise.h"
#include "layers_f32_m4.h"
#include "linear_f32.h"
#include "linear_s8.h"
#include "pool.h"
#include "vector.h"

#endif
