/* All front ends: what turns samples into the window that a network reads. */
#ifndef DITMOS_FRONT_END_H
#define DITMOS_FRONT_END_H

#include "band_power_f32.h"
#include "mel_f32.h"
#include "mel_s16.h"
#include "samples_f32.h"

#endif
