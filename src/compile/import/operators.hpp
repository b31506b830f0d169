#pragma once
#include "compile/import/importer.hpp"

namespace ditmos::compile {

// One function an ONNX operator (or a family of them).
void import_conv(Importer& in);
void import_max_pool(Importer& in);
void import_average_pool(Importer& in);
void import_global_pool(Importer& in);
void import_batch_norm(Importer& in);
void import_relu(Importer& in);
void import_leaky_relu(Importer& in);
void import_clip(Importer& in);
void import_sigmoid(Importer& in);
void import_tanh(Importer& in);
void import_softmax(Importer& in);
void import_gemm(Importer& in);
void import_matmul(Importer& in);
void import_binary(Importer& in);
void import_concat(Importer& in);
void import_flatten(Importer& in);
void import_reshape(Importer& in);
void import_transpose(Importer& in);
void import_squeeze(Importer& in);
void import_unsqueeze(Importer& in);
void import_pad(Importer& in);
void import_reduce_mean(Importer& in);
void import_quantize(Importer& in);
void import_dequantize(Importer& in);
void import_constant(Importer& in);
void import_identity(Importer& in);
void import_dropout(Importer& in);
void import_slice(Importer& in);

}  // namespace ditmos::compile
