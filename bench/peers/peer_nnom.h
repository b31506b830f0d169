/* Layers through NNoM's own kernels (inc/nnom_local.h), for the peers' rows of bench_device: power-of-two scales, one a layer. */
#ifndef PEER_NNOM_H
#define PEER_NNOM_H
#include "nnom.h"
#include "nnom_local.h"
#include "peer.h"

static const int8_t peer_bias[64]; /* its values change no count */
static const nnom_qformat_param_t peer_bias_shift[1] = {0}, peer_out_shift[1] = {9};

static inline int peer_conv(void *scratch, const struct peer_layer *l, struct peer_map in, const int8_t *x, struct peer_map out,
                            int8_t *y) {
  local_convolve_HWC_q7_nonsquare(x, (uint16_t)in.width, (uint16_t)in.height, (uint16_t)in.channels, l->weights, (uint16_t)l->filters,
                                  (uint16_t)l->kernel_width, (uint16_t)l->kernel_height, (uint16_t)l->pad_width, (uint16_t)l->pad_height,
                                  (uint16_t)l->stride_width, (uint16_t)l->stride_height, 1, 1, peer_bias, peer_bias_shift, peer_out_shift,
                                  NNOM_QTYPE_PER_TENSOR, y, (uint16_t)out.width, (uint16_t)out.height, scratch, 0);
  local_relu_q7(y, (uint32_t)(out.height * out.width * l->filters));
  return 0;
}

static inline int peer_depthwise(void *scratch, const struct peer_layer *l, struct peer_map in, const int8_t *x,
                                 struct peer_map out, int8_t *y) {
  local_depthwise_separable_conv_HWC_q7_nonsquare(
      x, (uint16_t)in.width, (uint16_t)in.height, (uint16_t)in.channels, l->weights, (uint16_t)l->filters, (uint16_t)l->kernel_width,
      (uint16_t)l->kernel_height, (uint16_t)l->pad_width, (uint16_t)l->pad_height, (uint16_t)l->stride_width, (uint16_t)l->stride_height, 1, 1,
      peer_bias, peer_bias_shift, peer_out_shift, NNOM_QTYPE_PER_TENSOR, y, (uint16_t)out.width, (uint16_t)out.height, scratch, 0);
  local_relu_q7(y, (uint32_t)(out.height * out.width * l->filters));
  return 0;
}

static inline int peer_linear(void *scratch, const struct peer_layer *l, int inputs, const int8_t *x, int8_t *y, int relu) {
  local_fully_connected_q7_opt(x, l->weights, (uint16_t)inputs, (uint16_t)l->filters, 0, 9, peer_bias, y, scratch);
  if (relu) local_relu_q7(y, (uint32_t)l->filters);
  return 0;
}

static inline int peer_pool(void *scratch, int average, struct peer_map in, const int8_t *x, int height, int width, int8_t *y) {
  const uint16_t to_x = (uint16_t)(in.width / width), to_y = (uint16_t)(in.height / height);
  (void)scratch;
  if (average)
    local_avepool_q7_HWC(x, (uint16_t)in.width, (uint16_t)in.height, (uint16_t)in.channels, (uint16_t)width, (uint16_t)height, 0, 0,
                         (uint16_t)width, (uint16_t)height, to_x, to_y, 0, 0, y);
  else
    local_maxpool_q7_HWC(x, (uint16_t)in.width, (uint16_t)in.height, (uint16_t)in.channels, (uint16_t)width, (uint16_t)height, 0, 0,
                         (uint16_t)width, (uint16_t)height, to_x, to_y, 0, y);
  return 0;
}

#endif
