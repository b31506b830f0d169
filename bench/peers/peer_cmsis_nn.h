/* Layers through CMSIS-NN's public functions, for the peers' rows of bench_device. Maps are height x width x channels. */
#ifndef PEER_CMSIS_NN_H
#define PEER_CMSIS_NN_H
#include "arm_nnfunctions.h"
#include "peer.h"

static inline int peer_conv(void *scratch, const struct peer_layer *l, struct peer_map in, const int8_t *x, struct peer_map out,
                            int8_t *y) {
  const cmsis_nn_context context = {scratch, 0};
  const cmsis_nn_conv_params conv = {.input_offset = 128, .output_offset = -128, .stride = {l->stride_width, l->stride_height},
                                     .padding = {l->pad_width, l->pad_height}, .dilation = {1, 1}, .activation = {-128, 127}};
  const cmsis_nn_per_channel_quant_params quant = {(int32_t *)l->multiplier, (int32_t *)l->shift};
  const cmsis_nn_dims input = {1, in.height, in.width, in.channels}, bias = {1, 1, 1, l->filters};
  const cmsis_nn_dims filter = {l->filters, l->kernel_height, l->kernel_width, in.channels};
  const cmsis_nn_dims output = {1, out.height, out.width, l->filters};
  return arm_convolve_wrapper_s8(&context, &conv, &quant, &input, x, &filter, l->weights, &bias, l->bias, &output, y);
}

static inline int peer_depthwise(void *scratch, const struct peer_layer *l, struct peer_map in, const int8_t *x,
                                 struct peer_map out, int8_t *y) {
  const cmsis_nn_context context = {scratch, 0};
  const cmsis_nn_dw_conv_params conv = {.input_offset = 128, .output_offset = -128, .ch_mult = 1,
                                        .stride = {l->stride_width, l->stride_height}, .padding = {l->pad_width, l->pad_height},
                                        .dilation = {1, 1}, .activation = {-128, 127}};
  const cmsis_nn_per_channel_quant_params quant = {(int32_t *)l->multiplier, (int32_t *)l->shift};
  const cmsis_nn_dims input = {1, in.height, in.width, in.channels}, bias = {1, 1, 1, l->filters};
  const cmsis_nn_dims filter = {1, l->kernel_height, l->kernel_width, l->filters};
  const cmsis_nn_dims output = {1, out.height, out.width, l->filters};
  return arm_depthwise_conv_wrapper_s8(&context, &conv, &quant, &input, x, &filter, l->weights, &bias, l->bias, &output, y);
}

/* On cores with the vector extension the weights' sums are needed beforehand: `scratch` holds them then. */
static inline int peer_linear(void *scratch, const struct peer_layer *l, int inputs, const int8_t *x, int8_t *y, int relu) {
  const cmsis_nn_context context = {scratch, 0};
  const cmsis_nn_fc_params fc = {.input_offset = 128, .filter_offset = 0, .output_offset = relu ? -128 : 0,
                                 .activation = {-128, 127}};
  const cmsis_nn_per_tensor_quant_params quant = {l->multiplier[0], l->shift[0]};
  const cmsis_nn_dims input = {1, 1, 1, inputs}, bias = {1, 1, 1, l->filters}, output = {1, 1, 1, l->filters};
  const cmsis_nn_dims filter = {inputs, 1, 1, l->filters};
  if (arm_fully_connected_s8_get_buffer_size(&filter) > 0)
    arm_vector_sum_s8((int32_t *)scratch, inputs, l->filters, l->weights, 128, 0, l->bias);
  return arm_fully_connected_s8(&context, &fc, &quant, &input, x, &filter, l->weights, &bias, l->bias, &output, y);
}

static inline int peer_pool(void *scratch, int average, struct peer_map in, const int8_t *x, int height, int width, int8_t *y) {
  const cmsis_nn_context context = {scratch, 0};
  const cmsis_nn_pool_params pool = {.stride = {width, height}, .padding = {0, 0}, .activation = {-128, 127}};
  const cmsis_nn_dims input = {1, in.height, in.width, in.channels}, filter = {1, height, width, 1};
  const cmsis_nn_dims output = {1, in.height / height, in.width / width, in.channels};
  return average ? arm_avgpool_s8(&context, &pool, &input, x, &filter, &output, y)
                 : arm_max_pool_s8(&context, &pool, &input, x, &filter, &output, y);
}

#endif
