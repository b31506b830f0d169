#pragma once
#include <onnx/onnx_pb.h>

#include <cstddef>
#include <optional>

#include "model/graph.hpp"

namespace ditmos::model {

/// One element type as ONNX numbers it, and its bytes in raw data (little-endian).
struct TypeRow {
  DataType type;
  onnx::TensorProto_DataType proto;
  std::size_t bytes;
};

inline constexpr TypeRow kTypes[] = {
    {DataType::float32, onnx::TensorProto_DataType_FLOAT, 4}, {DataType::float64, onnx::TensorProto_DataType_DOUBLE, 8},
    {DataType::int8, onnx::TensorProto_DataType_INT8, 1},     {DataType::uint8, onnx::TensorProto_DataType_UINT8, 1},
    {DataType::int32, onnx::TensorProto_DataType_INT32, 4},   {DataType::int64, onnx::TensorProto_DataType_INT64, 8},
    {DataType::boolean, onnx::TensorProto_DataType_BOOL, 1},
};

inline const TypeRow& row_of(DataType type) {
  for (const TypeRow& row : kTypes)
    if (row.type == type) return row;
  return kTypes[0];
}

inline bool is_float(DataType type) { return type == DataType::float32 || type == DataType::float64; }

}  // namespace ditmos::model
