/* Carries the text of the kernels. A new file of kernels is named here and in nnc_runtime.h. */
#include "kernel_files.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char base[] = {
#embed "kernels/base.h"
    , 0};

static const char weights[] = {
#embed "kernels/weights.h"
    , 0};

static const char math[] = {
#embed "kernels/math.h"
    , 0};

static const char arithmetic[] = {
#embed "kernels/arithmetic.h"
    , 0};

static const char comparison[] = {
#embed "kernels/comparison.h"
    , 0};

static const char nonlinear[] = {
#embed "kernels/nonlinear.h"
    , 0};

static const char trigonometry[] = {
#embed "kernels/trigonometry.h"
    , 0};

static const char cast[] = {
#embed "kernels/cast.h"
    , 0};

static const char narrow[] = {
#embed "kernels/narrow.h"
    , 0};

static const char place[] = {
#embed "kernels/place.h"
    , 0};

static const char reduce[] = {
#embed "kernels/reduce.h"
    , 0};

static const char search[] = {
#embed "kernels/search.h"
    , 0};

static const char activation[] = {
#embed "kernels/activation.h"
    , 0};

static const char window[] = {
#embed "kernels/window.h"
    , 0};

static const char float_tiles[] = {
#embed "kernels/float_tiles.h"
    , 0};

static const char conv2d_window[] = {
#embed "kernels/conv2d_window.h"
    , 0};

static const char conv2d_tiles[] = {
#embed "kernels/conv2d_tiles.h"
    , 0};

static const char conv2d[] = {
#embed "kernels/conv2d.h"
    , 0};

static const char widening_layers[] = {
#embed "kernels/widening_layers.h"
    , 0};

static const char winograd_conv2d[] = {
#embed "kernels/winograd_conv2d.h"
    , 0};

static const char depthwise_conv2d[] = {
#embed "kernels/depthwise_conv2d.h"
    , 0};

static const char dense[] = {
#embed "kernels/dense.h"
    , 0};

static const char mixture_of_experts[] = {
#embed "kernels/mixture_of_experts.h"
    , 0};

static const char skipping_dense[] = {
#embed "kernels/skipping_dense.h"
    , 0};

static const char fixed_point[] = {
#embed "kernels/fixed_point.h"
    , 0};

static const char fixed_conv2d[] = {
#embed "kernels/fixed_conv2d.h"
    , 0};

static const char pool2d[] = {
#embed "kernels/pool2d.h"
    , 0};

static const char matmul[] = {
#embed "kernels/matmul.h"
    , 0};

static const char determinant[] = {
#embed "kernels/determinant.h"
    , 0};

static const char rows[] = {
#embed "kernels/rows.h"
    , 0};

static const char softmax[] = {
#embed "kernels/softmax.h"
    , 0};

static const char dot_product_attention[] = {
#embed "kernels/dot_product_attention.h"
    , 0};

static const char normalization[] = {
#embed "kernels/normalization.h"
    , 0};

static const char conv[] = {
#embed "kernels/conv.h"
    , 0};

static const char pool[] = {
#embed "kernels/pool.h"
    , 0};

static const char resize[] = {
#embed "kernels/resize.h"
    , 0};

static const char sampling[] = {
#embed "kernels/sampling.h"
    , 0};

static const char roi_align[] = {
#embed "kernels/roi_align.h"
    , 0};

static const char deform_conv[] = {
#embed "kernels/deform_conv.h"
    , 0};

static const char recurrent[] = {
#embed "kernels/recurrent.h"
    , 0};

static const char fixed_recurrent[] = {
#embed "kernels/fixed_recurrent.h"
    , 0};

static const char fourier[] = {
#embed "kernels/fourier.h"
    , 0};

static const char attention[] = {
#embed "kernels/attention.h"
    , 0};

static const char quantize[] = {
#embed "kernels/quantize.h"
    , 0};

static const char dot[] = {
#embed "kernels/dot.h"
    , 0};

static const char rescale[] = {
#embed "kernels/rescale.h"
    , 0};

static const char quantized_layers[] = {
#embed "kernels/quantized_layers.h"
    , 0};

static const char learning[] = {
#embed "kernels/learning.h"
    , 0};

static const char tree[] = {
#embed "kernels/tree.h"
    , 0};

static const char scaled_bits[] = {
#embed "kernels/scaled_bits.h"
    , 0};

static const char bit_words[] = {
#embed "kernels/bit_words.h"
    , 0};

static const char bits[] = {
#embed "kernels/bits.h"
    , 0};

static const char plane_lanes[] = {
#embed "kernels/plane_lanes.h"
    , 0};

static const char plane_conv2d[] = {
#embed "kernels/plane_conv2d.h"
    , 0};

static const char plane_tree[] = {
#embed "kernels/plane_tree.h"
    , 0};

static const char count_bits[] = {
#embed "kernels/count_bits.h"
    , 0};

static const char binary_conv2d[] = {
#embed "kernels/binary_conv2d.h"
    , 0};

static const char binarizing_conv2d[] = {
#embed "kernels/binarizing_conv2d.h"
    , 0};

static const char bit_layers[] = {
#embed "kernels/bit_layers.h"
    , 0};

static const char sparse_layers[] = {
#embed "kernels/sparse_layers.h"
    , 0};

static const char self_test[] = {
#embed "kernels/self_test.h"
    , 0};

const nnc_kernel_file nnc_kernel_files[] = {
    {"base.h", base},
    {"weights.h", weights},
    {"math.h", math},
    {"arithmetic.h", arithmetic},
    {"comparison.h", comparison},
    {"nonlinear.h", nonlinear},
    {"trigonometry.h", trigonometry},
    {"cast.h", cast},
    {"narrow.h", narrow},
    {"place.h", place},
    {"reduce.h", reduce},
    {"search.h", search},
    {"activation.h", activation},
    {"window.h", window},
    {"float_tiles.h", float_tiles},
    {"conv2d_window.h", conv2d_window},
    {"conv2d_tiles.h", conv2d_tiles},
    {"conv2d.h", conv2d},
    {"widening_layers.h", widening_layers},
    {"winograd_conv2d.h", winograd_conv2d},
    {"depthwise_conv2d.h", depthwise_conv2d},
    {"dense.h", dense},
    {"mixture_of_experts.h", mixture_of_experts},
    {"skipping_dense.h", skipping_dense},
    {"fixed_point.h", fixed_point},
    {"fixed_conv2d.h", fixed_conv2d},
    {"pool2d.h", pool2d},
    {"matmul.h", matmul},
    {"determinant.h", determinant},
    {"rows.h", rows},
    {"softmax.h", softmax},
    {"dot_product_attention.h", dot_product_attention},
    {"normalization.h", normalization},
    {"conv.h", conv},
    {"pool.h", pool},
    {"resize.h", resize},
    {"sampling.h", sampling},
    {"roi_align.h", roi_align},
    {"deform_conv.h", deform_conv},
    {"recurrent.h", recurrent},
    {"fixed_recurrent.h", fixed_recurrent},
    {"fourier.h", fourier},
    {"attention.h", attention},
    {"quantize.h", quantize},
    {"dot.h", dot},
    {"rescale.h", rescale},
    {"quantized_layers.h", quantized_layers},
    {"learning.h", learning},
    {"tree.h", tree},
    {"scaled_bits.h", scaled_bits},
    {"bit_words.h", bit_words},
    {"bits.h", bits},
    {"plane_lanes.h", plane_lanes},
    {"plane_conv2d.h", plane_conv2d},
    {"plane_tree.h", plane_tree},
    {"count_bits.h", count_bits},
    {"binary_conv2d.h", binary_conv2d},
    {"binarizing_conv2d.h", binarizing_conv2d},
    {"bit_layers.h", bit_layers},
    {"sparse_layers.h", sparse_layers},
    {"self_test.h", self_test},
    {0, 0},
};
