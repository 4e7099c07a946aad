/* Decision trees. */
#ifndef NNC_TREE_H
#define NNC_TREE_H

#include "base.h"

/* Whether a branch goes on with the next node. Bit 0 of the mode: x should be different from the value, rather than at
   most as great; bit 1: what NaN gives. */
NNC_INLINE int nnc_branch_holds_f32(float x, float value, int mode) {
  if (x != x) return mode >> 1 & 1;
  return (mode & 1) != 0 ? x != value : x <= value;
}

#endif
