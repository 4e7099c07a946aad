/* How windows lie on data: what convolutions and pools share. */
#ifndef NNC_WINDOW_H
#define NNC_WINDOW_H

#include "base.h"

/* How many of `taps` taps lie before `end`, the first being at `start` and each `dilation` behind the one before it. */
NNC_INLINE nnc_index nnc_taps_before(nnc_index start, nnc_index end, nnc_index dilation, nnc_index taps) {
  const nnc_index count = end <= start ? 0 : (end - start + dilation - 1) / dilation;
  return count < taps ? count : taps;
}

/* Those of some windows from `first` to before `end`. */
typedef struct {
  nnc_index first, end;
} nnc_window_run;

#endif
