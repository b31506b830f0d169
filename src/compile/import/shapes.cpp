// What only moves elements: Concat, Flatten, Reshape, Transpose, Squeeze, Unsqueeze, Pad, Slice; and ReduceMean.
#include <algorithm>

#include "compile/import/operators.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> axes_of(const Importer& in, const std::vector<std::int64_t>& axes, int rank) {
  std::vector<int> counted;
  for (const std::int64_t axis : axes) counted.push_back(in.axis(axis, rank));
  std::vector<int> sorted = counted;
  std::sort(sorted.begin(), sorted.end());
  in.expect(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "an axis is named twice");
  return counted;
}

}  // namespace

void import_concat(Importer& in) {
  Node node;
  node.op = "concat";
  node.name = in.node_name();
  for (std::size_t i = 0; i < in.node().inputs.size(); ++i) node.inputs.push_back(in.input(i));
  in.expect(!node.inputs.empty(), "no input");
  node.axis = in.axis(in.integer("axis", 1), static_cast<int>(in.input_value(0).dims.size()));
  in.define(in.add(std::move(node), in.input_value(0).type, in.input_value(0).quantization));
}

void import_flatten(Importer& in) {
  const std::vector<int> dims = in.input_value(0).dims;
  const int rank = static_cast<int>(dims.size());
  const std::int64_t axis = in.integer("axis", 1);
  const std::int64_t split = axis < 0 ? axis + rank : axis;
  in.expect(split >= 0 && split <= rank, "axis " + std::to_string(axis) + " is out of range");
  const int outer = product({dims.begin(), dims.begin() + split});
  in.define(in.reshape(in.input(0), {outer, product(dims) / outer}));
}

void import_reshape(Importer& in) {
  const auto shape = in.attribute_or_input("shape", 1);
  in.expect(shape.has_value(), "no shape");
  const std::vector<int>& dims = in.input_value(0).dims;
  const bool zero_is_zero = in.integer("allowzero", 0) != 0;
  std::vector<int> wanted;
  int unknown = -1;
  std::int64_t known = 1;
  for (std::size_t d = 0; d < shape->size(); ++d) {
    std::int64_t dim = (*shape)[d];
    in.expect(!(dim == 0 && zero_is_zero), "a shape with a dimension of 0 is not supported");
    if (dim == 0) {
      in.expect(d < dims.size(), "the shape copies a dimension that the input has not");
      dim = dims[d];
    }
    if (dim == -1) {
      in.expect(unknown < 0, "the shape has two unknown dimensions");
      unknown = static_cast<int>(d);
      dim = 1;
    }
    in.expect(dim >= 1 && dim <= product(dims), "the shape has a dimension of " + std::to_string((*shape)[d]));
    known *= dim;
    in.expect(known <= product(dims), "the shape has more elements than the input");
    wanted.push_back(static_cast<int>(dim));
  }
  if (unknown >= 0) wanted[at(unknown)] = static_cast<int>(product(dims) / known);
  in.expect(product(wanted) == product(dims), "the shape has another number of elements than the input");
  in.define(in.reshape(in.input(0), wanted));
}

void import_transpose(Importer& in) {
  const int rank = static_cast<int>(in.input_value(0).dims.size());
  std::vector<std::int64_t> reversed;
  for (int d = rank; d-- > 0;) reversed.push_back(d);
  const std::vector<std::int64_t> order = in.integers("perm", reversed);
  in.expect(static_cast<int>(order.size()) == rank, "perm has another rank than the input");
  in.define(in.transpose(in.input(0), axes_of(in, order, rank)));
}

void import_squeeze(Importer& in) {
  const std::vector<int> dims = in.input_value(0).dims;
  const auto given = in.attribute_or_input("axes", 1);
  const std::vector<int> axes = axes_of(in, given.value_or(std::vector<std::int64_t>{}), static_cast<int>(dims.size()));
  std::vector<int> wanted;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const bool named = std::find(axes.begin(), axes.end(), static_cast<int>(d)) != axes.end();
    in.expect(!named || dims[d] == 1, "a squeezed dimension is not 1");
    if (!(given ? named : dims[d] == 1)) wanted.push_back(dims[d]);
  }
  in.define(in.reshape(in.input(0), wanted));
}

void import_unsqueeze(Importer& in) {
  const std::vector<int> dims = in.input_value(0).dims;
  const auto given = in.attribute_or_input("axes", 1);
  in.expect(given.has_value() && given->size() <= 8, "no axes");
  const int rank = static_cast<int>(dims.size() + given->size());
  const std::vector<int> axes = axes_of(in, *given, rank);
  std::vector<int> wanted;
  std::size_t next = 0;
  for (int d = 0; d < rank; ++d) wanted.push_back(std::find(axes.begin(), axes.end(), d) != axes.end() ? 1 : dims[next++]);
  in.define(in.reshape(in.input(0), wanted));
}

void import_pad(Importer& in) {
  Node node;
  node.op = "pad";
  node.name = in.node_name();
  node.inputs = {in.input(0)};
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  node.mode = in.text("mode", "constant");
  in.expect(node.mode == "constant" || node.mode == "reflect" || node.mode == "edge", "mode \"" + node.mode + "\" is not supported");
  in.expect(!in.has_input(3), "pads for some axes only are not supported");
  const auto pads = in.attribute_or_input("pads", 1);
  const std::size_t rank = in.input_value(0).dims.size();
  in.expect(pads && pads->size() == 2 * rank, "pads have not two elements a dimension");
  node.starts.assign(pads->begin(), pads->begin() + static_cast<std::ptrdiff_t>(rank));
  node.lengths.assign(pads->begin() + static_cast<std::ptrdiff_t>(rank), pads->end());
  node.alpha = in.real("value", 0);
  if (in.has_input(2)) {
    in.expect(in.constant(2).f.size() == 1, "the value is no float32 scalar");
    node.alpha = in.constant(2).f[0];
  }
  in.define(in.add(std::move(node)));
}

void import_reduce_mean(Importer& in) {
  Node node;
  node.op = "reduce_mean";
  node.name = in.node_name();
  node.inputs = {in.input(0)};
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  const int rank = static_cast<int>(in.input_value(0).dims.size());
  const auto axes = in.attribute_or_input("axes", 1);
  if (axes && !axes->empty()) {
    node.axes = axes_of(in, *axes, rank);
  } else {
    if (in.integer("noop_with_empty_axes", 0) != 0) return in.define(in.input(0));
    for (int d = 0; d < rank; ++d) node.axes.push_back(d);
  }
  node.mode = in.integer("keepdims", 1) != 0 ? "keep" : "drop";
  in.define(in.add(std::move(node)));
}

void import_slice(Importer& in) {
  const auto starts = in.attribute_or_input("starts", 1), ends = in.attribute_or_input("ends", 2);
  in.expect(starts && ends && starts->size() == ends->size(), "starts and ends are missing or differ in number");
  const std::vector<int> dims = in.input_value(0).dims;
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < starts->size(); ++i) all.push_back(static_cast<std::int64_t>(i));
  const auto axes = in.attribute_or_input("axes", 3).value_or(all);
  const auto steps = in.attribute_or_input("steps", 4).value_or(std::vector<std::int64_t>(starts->size(), 1));
  in.expect(axes.size() == starts->size() && steps.size() == starts->size(), "axes or steps differ from starts in number");
  Node node;
  node.op = "slice";
  node.name = in.node_name();
  node.inputs = {in.input(0)};
  node.axes = axes_of(in, axes, static_cast<int>(dims.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t extent = dims[at(node.axes[i])], step = steps[i];
    in.expect(step != 0 && step > -(1 << 20) && step < (1 << 20), "a step of " + std::to_string(step) + " is out of range");
    const auto counted = [&](std::int64_t position) {
      return position < 0 ? std::max<std::int64_t>(position, -(extent + 1)) + extent : std::min(position, extent);
    };
    std::int64_t start = counted((*starts)[i]), end = counted((*ends)[i]);
    start = step > 0 ? std::max<std::int64_t>(start, 0) : std::min(start, extent - 1);
    end = step > 0 ? std::max<std::int64_t>(end, 0) : end;
    const std::int64_t length = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
    in.expect(length >= 1 && start >= 0, "the part is empty");
    node.starts.push_back(start);
    node.steps.push_back(step);
    node.lengths.push_back(length);
  }
  in.define(in.add(std::move(node), in.input_value(0).type, in.input_value(0).quantization));
}

}  // namespace ditmos::compile
