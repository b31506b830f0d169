#pragma once
#include "compile/graph.hpp"

namespace ditmos::compile {

// Each pass leaves a graph that verify() accepts and that computes the same function.
void remove_dead_nodes(Graph& graph);
void fold_constants(Graph& graph);
/// Inputs that look like maps lie channel-last; a transpose restores what the nodes expect, until it meets its inverse.
void take_inputs_channel_last(Graph& graph);
void move_transposes(Graph& graph);
void absorb_into_ports(Graph& graph);
/// Transposes that move no element become reshapes, which do not move on: after those two passes.
void reshape_for_transpose(Graph& graph);
void absorb_into_linear(Graph& graph);
/// Batch norms into the convolution or linear layer before them, or, where it pads nothing, behind them.
void fold_affine(Graph& graph);
void fuse_clamp(Graph& graph);
void fuse_max_pool(Graph& graph);
void fuse_concat(Graph& graph);
void drop_unused_values(Graph& graph);

}  // namespace ditmos::compile
